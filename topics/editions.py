"""What an edition is chained by, and who may not approve it."""

import hashlib
import json

from topics.models import Edition, Revision, Topic


def chain_hash(edition: Edition) -> str:
    """Return the hash of an edition: of the one before it and of all that it says.

    Whoever knows the newest hash can prove that no earlier edition was changed. The hash is the
    sha256 of a JSON array in the order below; times are in UTC with microseconds.
    """

    def moment(value):
        return value and value.isoformat(timespec="microseconds")

    parts = [
        edition.previous_hash,
        edition.topic_id,
        edition.number,
        edition.digest,
        edition.approved_by_name,
        moment(edition.approved_at),
        edition.interests,
        edition.published_by_name,
        moment(edition.published_at),
        edition.change_note,
    ]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def writers_since_last_review(topic: Topic) -> set[int]:
    """Return the ids of all who saved a revision that no published review has covered yet.

    That is after the newest reviewed edition: an edition that nobody reviewed leaves its writers
    as unfit to approve as they were before it.
    """
    reviewed = topic.editions.filter(review__isnull=False)
    last = reviewed.order_by("number").values_list("revision__number", flat=True).last()
    revisions = Revision.objects.filter(topic_id=topic.pk, number__gt=last or 0)
    return set(revisions.order_by().values_list("author_id", flat=True))

"""What an edition is chained by, and who may not approve it."""

import hashlib
import json

from django.db.models import Q

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


def writers(topic: Topic, digest: str) -> set[int]:
    """Return the ids of all who may not approve a text of a topic: its writers.

    These are the authors of each revision after the newest reviewed edition (one that nobody
    reviewed leaves its writers as they were), and of each revision with this very text, which may
    be an old one that was restored.
    """
    reviewed = topic.editions.filter(review__isnull=False)
    last = reviewed.order_by("number").values_list("revision__number", flat=True).last()
    revisions = Revision.objects.filter(topic_id=topic.pk).order_by()
    unreviewed = revisions.filter(Q(number__gt=last or 0) | Q(digest=digest))
    return set(unreviewed.values_list("author_id", flat=True))

"""What a reviewer reads before the verdict: the text, what it cites, and other verdicts."""

from datetime import datetime

from references import csl
from topics import contentfile
from topics.choices import EventKind
from topics.models import Review, Revision, Topic


def text_of(document: dict) -> str:
    """Return a Document in the form in which editors write."""
    return contentfile.to_text(document)


def publications(document: dict) -> list[dict]:
    """Return key, short description and DOI of each publication that a Document cites."""
    return [
        {
            "key": item["id"],
            "authors": csl.authors(item),
            "title": item["title"],
            "source": csl.source(item),
            "doi": item.get("DOI", ""),
        }
        for item in document.get("references", [])
    ]


def verdicts_on(revision: Revision) -> list[Review]:
    """Return the reviews of a revision's very text that still count, the oldest first.

    Those from before a withdrawal do not: see `editions.Past.approval`.
    """
    found = _verdicts(revision.topic).filter(revision__digest=revision.digest)
    withdrawn = _last(revision.topic, EventKind.WITHDRAWN)
    return list(found.filter(created_at__gt=withdrawn) if withdrawn else found)


def earlier_verdicts(revision: Revision) -> list[Review]:
    """Return what was said since the last edition about texts before this, the newest first."""
    found = _verdicts(revision.topic)
    if published := _last(revision.topic, EventKind.PUBLISHED):
        found = found.filter(created_at__gt=published)
    counted = {given.pk for given in verdicts_on(revision)}
    return [given for given in found.reverse() if given.pk not in counted]


def last_verdict(revision: Revision, user) -> Review | None:
    """Return the newest verdict on another text since the last edition: one's own, or any."""
    given = [one for one in earlier_verdicts(revision) if one.revision.digest != revision.digest]
    own = [one for one in given if one.reviewer_id == user.pk]
    return next(iter(own or given), None)


def newest_verdict(topic: Topic) -> Review | None:
    return _verdicts(topic).last()


def answered_at(topic: Topic, user) -> datetime | None:
    """Return when somebody gave their last verdict on a topic, None if they gave none."""
    own = _verdicts(topic).filter(reviewer=user).last()
    return own and own.created_at


def last_reviewer(revision: Revision):
    """Return who gave the last verdict since the last edition, None if nobody did."""
    given = [*verdicts_on(revision), *earlier_verdicts(revision)]
    return max(given, key=lambda one: one.created_at).reviewer if given else None


def _verdicts(topic: Topic):
    given = Review.objects.filter(revision__topic=topic).select_related("revision")
    return given.order_by("created_at", "pk")


def _last(topic: Topic, kind: str):
    """Return when something last happened to a topic."""
    events = topic.events.filter(kind=kind).order_by("-pk")
    return events.values_list("created_at", flat=True).first()

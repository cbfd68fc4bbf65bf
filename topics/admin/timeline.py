"""The whole history of a topic on one line of time, page by page: who did what when, in words."""

from dataclasses import dataclass, field
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from topics import chronicle
from topics.choices import EventKind, Verdict
from topics.models import Event, Review, Revision, Schedule, Topic

ENTRIES = 20
# Reviews are told of by themselves, with the interests.
TOLD_BY_EVENTS = [kind for kind in EventKind if kind != EventKind.REVIEWED]
VERDICTS = {
    Verdict.APPROVE: "approved revision {number}",
    Verdict.REQUEST_CHANGES: "requested changes of revision {number}",
}


@dataclass
class Entry:
    """One thing that somebody did. `links` has label and address of what it leads to."""

    what: str
    at: datetime
    who: str
    did: str
    note: str = ""
    details: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def page(topic: Topic, number, *, may_restore: bool) -> tuple[Page, list[Entry]]:
    """Return a page of the history, the newest first, in as many queries for many as for few."""
    found = Paginator(_moments(topic), ENTRIES).get_page(number)
    wanted: dict[str, set[int]] = {"revision": set(), "review": set(), "event": set()}
    for *_, what, key in found.object_list:
        wanted[what].add(key)
    latest = topic.revisions.order_by("-number").values_list("number", flat=True).first()
    told = {
        **_saved(topic, wanted["revision"], latest, may_restore),
        **_reviewed(wanted["review"]),
        **_happened(topic, wanted["event"]),
    }
    return found, [told[what, key] for *_, what, key in found.object_list]


def _moments(topic: Topic) -> list[tuple]:
    """Return when everything happened, what it was, and its number, the newest first.

    Of one moment a text was saved before anything else was done with it.
    """
    revisions = topic.revisions.order_by().values_list("created_at", "pk")
    reviews = Review.objects.filter(revision__topic=topic).order_by()
    events = topic.events.filter(kind__in=TOLD_BY_EVENTS).order_by()
    moments = [(at, 0, "revision", key) for at, key in revisions]
    moments += [(at, 1, "review", key) for at, key in reviews.values_list("created_at", "pk")]
    moments += [(at, 2, "event", key) for at, key in events.values_list("created_at", "pk")]
    return sorted(moments, key=lambda each: (each[0], each[1], each[3]), reverse=True)


def _saved(topic: Topic, keys: set[int], latest: int | None, may_restore: bool) -> dict:
    """Return what is told of revisions, each with what it changed in the one before it."""
    if not keys:
        return {}
    numbers = Revision.objects.filter(pk__in=keys).values_list("number", flat=True)
    shown = set(numbers)
    before = {number - 1 for number in shown}
    rows = topic.revisions.filter(number__in=shown | before)
    known = {revision.number: revision for revision in rows}
    return {
        ("revision", known[number].pk): _revision(
            topic, known.get(number - 1), known[number], may_restore and number != latest
        )
        for number in shown
    }


def _revision(topic: Topic, before: Revision | None, after: Revision, may_restore: bool) -> Entry:
    number = after.number
    links = [(f"Preview of revision {number}", _url("preview", topic, number))]
    if before:
        compared = f"{_url('compare', topic)}?from={before.number}&to={number}"
        links.insert(0, (f"Compare revision {before.number} with {number}", compared))
    if may_restore:
        links.append((f"Restore revision {number}", _url("restore", topic, number)))
    return Entry(
        what="saved",
        at=after.created_at,
        who=after.author_name,
        did=f"saved revision {number}",
        note=after.note,
        details=[capfirst(words) for words in chronicle.told(before, after)],
        links=links,
    )


def _reviewed(keys: set[int]) -> dict:
    reviews = Review.objects.filter(pk__in=keys).select_related("revision")
    return {
        ("review", review.pk): Entry(
            what="reviewed",
            at=review.created_at,
            who=review.reviewer_name,
            did=VERDICTS[review.verdict].format(number=review.revision.number),
            note=review.comment,
            details=[f"Declared interests: {review.interests}"],
        )
        for review in reviews.defer("revision__text")
    } if keys else {}  # fmt: skip


def _happened(topic: Topic, keys: set[int]) -> dict:
    if not keys:
        return {}
    events = Event.objects.filter(pk__in=keys).select_related("edition", "revision")
    timed = {made.edition_id: made for made in topic.schedules.filter(edition__isnull=False)}
    return {
        ("event", event.pk): _event(event, timed.get(event.edition_id))
        for event in events.defer("revision__text")
    }


def _event(event: Event, timed: Schedule | None) -> Entry:
    entry = Entry(
        what=event.kind, at=event.created_at, who=event.actor_name, did=_did(event),
        # What is said of restoring stands with the text that it made.
        note="" if event.kind == EventKind.RESTORED else event.note,
    )  # fmt: skip
    edition = event.edition
    if event.kind == EventKind.PUBLISHED and timed:
        entry.details.append(
            f"By schedule: {timed.scheduled_by_name} had set the time to "
            f"{date_format(timezone.localtime(timed.due_at), 'j F Y, H:i e')}"
        )
    if event.kind == EventKind.PUBLISHED and edition:
        entry.details.append(
            f"Approved by {edition.approved_by_name}, whose declared interests are: "
            f"{edition.interests}"
            if edition.is_reviewed
            else "Nobody reviewed it, as readers are told"
        )
    return entry


def _did(event: Event) -> str:
    number = event.revision.number if event.revision else 0
    edition = event.edition.number if event.edition else 0
    source = event.data.get("from_revision")
    words = {
        EventKind.SUBMITTED: f"submitted revision {number} for review",
        EventKind.PUBLISHED: f"published revision {number} as edition {edition}",
        EventKind.WITHDRAWN: f"withdrew edition {edition}",
        EventKind.RESTORED: f"restored revision {source} as revision {number}",
        EventKind.LOOKED_AGAIN: f"read it again after a notice about {event.data.get('key')}",
    }
    return words.get(event.kind, str(EventKind(event.kind).label))


def _url(page: str, topic: Topic, *numbers: int) -> str:
    return reverse(f"admin:topics_topic_{page}", args=[topic.pk, *numbers])

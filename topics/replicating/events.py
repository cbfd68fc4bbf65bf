"""What partners are told of the log: by the changes of the API and by webhooks, in the same words.

Only the kinds below are told, and of each only what is named here. What else stands in the log is
the editors' own business. What is told of an event never changes: its address and title are those
of its edition.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse

from topics.choices import EventKind
from topics.models import Event

TOPIC_RESTORED = "topic.restored"
REFERENCE_REMOVED = "reference.removed"
TYPES = {
    EventKind.PUBLISHED: "topic.published",
    EventKind.WITHDRAWN: "topic.withdrawn",
    EventKind.REFERENCE_STATUS: "reference.status",
    EventKind.REFERENCE_MERGED: "reference.merged",
    EventKind.REFERENCE_PARTED: "reference.parted",
    EventKind.REFERENCE_RECORD: "reference.changed",
    EventKind.GLOSSARY: "glossary.changed",
}
# The types that there are, in words. They are stable: a type may be added, none changes.
MEANINGS = {
    "topic.published": "A new edition of a topic.",
    TOPIC_RESTORED: "A new edition of a topic that was withdrawn before.",
    "topic.withdrawn": "A topic was taken from the readers: do not rely on it any more.",
    "reference.status": "A publication was retracted, corrected, called into question, or cleared.",
    "reference.merged": "Two references were found to be one, which goes on as `into`.",
    "reference.parted": "A merging into `into` was undone: the reference stands by itself again.",
    "reference.changed": "The record of a reference was added or changed, or a notice added.",
    REFERENCE_REMOVED: "A reference that nothing cites was taken out of the library.",
    "glossary.changed": "A term of the glossary was added, changed or removed.",
}
TERM = ("term", "abbreviation", "variants", "definition")


def public_events() -> QuerySet[Event]:
    """Return the events that partners may follow, in the order of their commits.

    Each comes with all that `type_of` and `payload` need, in one query for all.
    """
    document = Cast("edition__revision__text", JSONField())
    before = Event.objects.filter(
        topic=OuterRef("topic"), pk__lt=OuterRef("pk"),
        kind__in=[EventKind.PUBLISHED, EventKind.WITHDRAWN],
    ).order_by("-pk")  # fmt: skip
    return (
        Event.objects.filter(kind__in=TYPES)
        .alias(document=document)
        .annotate(
            slug_then=KeyTextTransform("slug", "document", output_field=CharField()),
            title_then=KeyTextTransform("title", "document", output_field=CharField()),
            kind_before=Subquery(before.values("kind")[:1]),
        )
        .select_related("edition", "topic", "reference")
        .order_by("pk")
    )


@dataclass(frozen=True)
class Mark:
    """An event as one may know it again: ids come anew after a database was set back, times not."""

    pk: int = 0
    at: datetime | None = None


def end_of_log() -> Mark:
    """Return the newest event that partners may follow."""
    return ends(0)[1]


def ends(after: int) -> tuple[Mark, Mark]:
    """Return the event of an id, which has no time if there is none, and the newest of all."""
    known = Event.objects.filter(kind__in=TYPES)
    newest = known.order_by("-pk").values("pk")[:1]
    found = known.filter(Q(pk=after) | Q(pk=Subquery(newest))).values_list("pk", "created_at")
    marks = {pk: Mark(pk, at) for pk, at in found}
    return marks.get(after, Mark(after)), marks[max(marks)] if marks else Mark()


def has(mark: Mark) -> bool:
    """Return whether the log has this very event. One without id is the beginning of any log."""
    return mark == Mark() or ends(mark.pk)[0] == mark


def forbids(sequence: int) -> bool:
    """Return whether what was read up to an event may no longer be relied on.

    So it is after a topic was withdrawn or the status of a publication changed.
    """
    kinds = (EventKind.WITHDRAWN, EventKind.REFERENCE_STATUS)
    return Event.objects.filter(kind__in=kinds, pk__gt=sequence).exists()


def kinds_of(types: Iterable[str]) -> set[str]:
    """Return the kinds of event among which all of some types are."""
    kinds = {kind: {told} for kind, told in TYPES.items()}
    kinds[EventKind.PUBLISHED].add(TOPIC_RESTORED)
    kinds[EventKind.REFERENCE_RECORD].add(REFERENCE_REMOVED)
    return {kind for kind, told in kinds.items() if told.intersection(types)}


def type_of(event: Event) -> str:
    """Return the stable word for what happened. The event comes from `public_events`."""
    if event.kind == EventKind.PUBLISHED and event.kind_before == EventKind.WITHDRAWN:
        return TOPIC_RESTORED
    if event.kind == EventKind.REFERENCE_RECORD and event.data.get("what") == "removed":
        return REFERENCE_REMOVED
    return TYPES[EventKind(event.kind)]


def payload(event: Event, base_url: str) -> dict:
    """Return what is told of an event beside its id, type and time. See `public_events`.

    `base_url` is the portal's address without a slash at the end.
    """
    return _PAYLOADS[EventKind(event.kind)](event, base_url.rstrip("/"))


def _address(base_url: str, name: str, *args) -> str:
    return base_url + reverse(f"api:{name}", args=args)


def _of_topic(event: Event, base_url: str) -> dict:
    slug, edition = event.slug_then, event.edition
    return {
        "topic": {
            "id": event.topic_id,
            "slug": slug,
            "kind": event.topic.kind,
            "title": event.title_then,
            "url": _address(base_url, "topic-detail", slug),
        },
        "edition": {
            "number": edition.number,
            "digest": edition.digest,
            "hash": edition.hash,
            "url": _address(base_url, "topic-edition", slug, edition.number),
        },
        # The change note, or the reason of a withdrawal. Readers see both.
        "note": event.note,
    }


def _reference(key: str, base_url: str) -> dict:
    return {"key": key, "url": _address(base_url, "reference-detail", key)}


def _of_status(event: Event, base_url: str) -> dict:
    told = {"status": event.data["status"], "before": event.data.get("before")}
    return {"reference": _reference(event.reference.key, base_url) | told, "note": event.note}


def _of_merging(event: Event, base_url: str) -> dict:
    into = _reference(event.data["into"], base_url)
    moved = list(event.data.get("moved", []))
    key = event.data["key"]
    return {"reference": _reference(key, base_url), "into": into, "moved": moved}


def _of_parting(event: Event, base_url: str) -> dict:
    into = _reference(event.data["from"], base_url)
    return {"reference": _reference(event.data["key"], base_url), "into": into}


def _of_record(event: Event, base_url: str) -> dict:
    return {"reference": _reference(event.data["key"], base_url), "action": event.data["what"]}


def _of_term(event: Event, base_url: str) -> dict:
    before, after = (_term(event.data.get(name)) for name in ("before", "after"))
    changed = "changed" if after else "removed"
    return {"action": changed if before else "added", "before": before, "term": after}


def _term(told: dict | None) -> dict | None:
    return told and {name: told.get(name) for name in TERM}


_PAYLOADS: dict[str, Callable[[Event, str], dict]] = {
    EventKind.PUBLISHED: _of_topic,
    EventKind.WITHDRAWN: _of_topic,
    EventKind.REFERENCE_STATUS: _of_status,
    EventKind.REFERENCE_MERGED: _of_merging,
    EventKind.REFERENCE_PARTED: _of_parting,
    EventKind.REFERENCE_RECORD: _of_record,
    EventKind.GLOSSARY: _of_term,
}

"""Notices about publications: one way for what editors record and what registries tell.

What is new is kept for ever; what follows from all that is kept is the status of the publication,
which readers see at once wherever it is cited. A change of it is an event, of which followers are
told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from references.identifiers import normalise_doi
from references.models import Notice, Reference
from references.notices.kinds import Found, NoticeKind, NoticeSource, is_same
from references.notices.standing import CONCERN, RETRACTED, Standing, standing
from topics import following
from topics.choices import EventKind
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.logbook import name_of, record
from topics.models import Citation, Event, Topic

# By which notice an editor sets a status.
KINDS = {
    Reference.Status.RETRACTED: NoticeKind.RETRACTION,
    Reference.Status.CORRECTED: NoticeKind.CORRECTION,
    Reference.Status.CONCERN: NoticeKind.CONCERN,
    Reference.Status.CURRENT: NoticeKind.REINSTATEMENT,
}
# These lift a mark, so nobody must say when they were published.
LIFTING = (NoticeKind.REINSTATEMENT, NoticeKind.MISTAKE)


@dataclass(frozen=True)
class Noted:
    """What was new, and the event if the status changed."""

    notices: tuple[Notice, ...] = ()
    event: Event | None = None


def by_editor(kind: str, on: date | str | None, words: str, address: str) -> Found:
    """Return a notice as an editor tells of it. `address` may be a DOI."""
    if kind not in NoticeKind.values:
        raise Invalid(f"“{kind}” is no kind of notice.")
    day = date.fromisoformat(on) if isinstance(on, str) and on else on or None
    if kind not in LIFTING and day is None:
        raise Invalid("Give the date of the notice.")
    if day and day > timezone.localdate():
        raise Invalid("The date of the notice lies ahead. Mend it.")
    try:
        doi, address = normalise_doi(address) or "", ""
    except ValidationError:
        doi = ""
    return Found(kind, NoticeSource.EDITOR, day, doi, address=address, words=words)


@transaction.atomic
def note(
    reference: Reference, found: Iterable[Found], *, actor=None, by: str = "",
    checked_on: date | None = None,
) -> Noted:  # fmt: skip
    """Keep what is new of what was found about a publication, by a person or by a registry.

    The same notice from the same source changes nothing. `checked_on` is the day on which a
    registry answered. A notice about a publication that was merged into another holds for both.
    """
    group = _lock_same(reference)
    if checked_on:
        Reference.objects.filter(pk=reference.pk).update(checked_on=checked_on)
    known = list(Notice.objects.filter(reference__in=group))
    new = _new(reference, known, list(found), name_of(actor) if actor else by)
    if actor and not new:
        raise NothingToDo("This notice was recorded before, word for word.")
    if not new:
        return Noted()
    Notice.objects.bulk_create(new)
    now = standing([*known, *new])
    events = _set(group, now, actor, new[-1])
    return Noted(tuple(new), next(iter(events), None))


@transaction.atomic
def settle(reference: Reference, *, actor) -> None:
    """Let a publication stand as the notices about it, under all its keys, say now."""
    group = _lock_same(reference)
    notices = list(Notice.objects.filter(reference__in=group))
    now = standing(notices)
    _set(group, now, actor, now.notice)


def _lock_same(reference: Reference) -> list[Reference]:
    """Return a publication under all its keys, first the one that is kept. They are locked."""
    pk = Reference.objects.values_list("merged_into", flat=True).get(pk=reference.pk)
    same = Q(pk=pk or reference.pk) | Q(merged_into=pk or reference.pk)
    # Publishing, which refers to the row and holds other locks by then, must not wait for it.
    rows = Reference.objects.select_for_update(no_key=True).filter(same).order_by("pk")
    found = sorted(rows, key=lambda each: each.merged_into_id is not None)
    # It may have been merged, or stand by itself again, since its row was waited for.
    is_whole = all(each.merged_into_id in {None, found[0].pk} for each in found)
    return found if is_whole and reference in found else _lock_same(reference)


def _new(reference, known: list[Notice], found: list[Found], by: str) -> list[Notice]:
    new: list[Notice] = []
    for each in map(_clean, found):
        if any(_is_known(one, each) for one in _since_mistake([*known, *new], each.source)):
            continue
        values = {name: getattr(each, name) for name in each.__dataclass_fields__}
        new.append(
            Notice(reference=reference, found_at=timezone.now(), found_by=by[:150], **values)
        )
    return new


def _is_known(known: Notice, found: Found) -> bool:
    if found.source == NoticeSource.EDITOR:
        named = ("kind", "source", "date", "doi", "address", "words")
        return all(getattr(known, name) == getattr(found, name) for name in named)
    return is_same(known, found)


def _since_mistake(notices: list[Notice], source: str) -> list[Notice]:
    """Return what a notice is compared with: an editor may say anew what was taken back."""
    places = [n for n, each in enumerate(notices) if each.kind == NoticeKind.MISTAKE]
    if source != NoticeSource.EDITOR or not places:
        return notices
    return notices[places[-1] :]


def _clean(found: Found) -> Found:
    """Return what was found as the database can keep it."""
    names = {"doi": 250, "pmid": 9, "address": 1000, "words": None}
    return replace(
        found,
        **{name: getattr(found, name).replace("\0", "")[:most] for name, most in names.items()},
    )


def _set(group: list[Reference], now: Standing, actor, notice: Notice | None) -> list[Event]:
    """Write how a publication stands under all its keys, and tell it where that changed."""
    _write_standing(group, now)
    told = (_tell(each, now, actor, notice) for each in group)
    return [event for event in told if event]


def _write_standing(group: list[Reference], now: Standing) -> None:
    notice = now.notice
    Reference.objects.filter(pk__in=[each.pk for each in group]).update(
        status=now.status,
        status_on=notice and notice.date,
        status_notice=notice.words if notice else "",
        status_source=_source(notice)[:200] if notice else "",
    )


def _source(notice: Notice) -> str:
    if notice.source == NoticeSource.EDITOR:
        return notice.doi or notice.address
    return str(NoticeSource(notice.source).label)


def _tell(reference: Reference, now: Standing, actor, notice: Notice | None) -> Event | None:
    if now.status == reference.status:
        return None
    told = now.notice or notice
    event = record(
        EventKind.REFERENCE_STATUS,
        actor,
        actor_name=name_of(actor) if actor else notice.found_by,
        reference=reference,
        note=told.words if told else "",
        data={"key": reference.key, "before": reference.status, "status": now.status},
    )
    following.notify([event])
    return event


def to_look_at_again() -> Q:
    """Return which citations await a look since the mark of their publication was lifted.

    Until the topic is published anew, or an editor says that it was looked at.
    """
    looked = Event.objects.filter(
        kind=EventKind.LOOKED_AGAIN,
        reference=OuterRef(OuterRef("reference")),
        topic=OuterRef(OuterRef("edition__topic")),
        created_at__gte=OuterRef("found_at"),
    )
    lifted = Notice.objects.alias(kept=Coalesce("reference__merged_into", "reference")).filter(
        ~Exists(looked),
        kept=Coalesce(OuterRef("reference__merged_into"), OuterRef("reference")),
        kind__in=LIFTING,
        found_at__gt=OuterRef("edition__published_at"),
    )
    is_marked = Q(reference__status__in=[RETRACTED, CONCERN])
    return ~is_marked & Q(Exists(lifted))


@transaction.atomic
def look_again(citation: Citation, *, actor) -> Event:
    """Record that somebody read a topic again after a publication was cleared."""
    if not actor.has_perm("references.change_reference"):
        raise NotPermitted("You may not say so. Ask an editor.")
    topic = Topic.objects.select_for_update().get(pk=citation.edition.topic_id)
    if not Citation.objects.filter(to_look_at_again(), pk=citation.pk).exists():
        raise NothingToDo("It was looked at already.")
    return record(
        EventKind.LOOKED_AGAIN, actor, topic=topic, reference=citation.reference,
        edition=citation.edition, data={"key": citation.reference.key},
    )  # fmt: skip

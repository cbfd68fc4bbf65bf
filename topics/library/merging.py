"""Merging two publications that are one: which is kept, and what becomes of the other key.

No text and no edition changes. The other key works for ever: pages show the publication that is
kept for it, its own page leads there, and what is told of either is told of both.
"""

from collections.abc import Iterable

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction

from references.models import Distinct, Reference, StudyType
from topics import listings, noticing
from topics.choices import EventKind
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.library import filling
from topics.library.filling import LABELS, STUDY_TYPE, Difference
from topics.logbook import name_of, record
from topics.models import Event

IDENTIFIERS = ("DOI", "PMID", "PMCID")
# What each keeps for itself; what belongs to authors and abstract in `custom` goes with them.
OWN = {"id", "custom"}
WITH = {"author": "authors_truncated", "abstract": "abstract_license"}


def differences(kept: Reference, other: Reference) -> list[Difference]:
    """Return all that the one which goes has otherwise, or has alone: also what no form knows."""
    custom = {**(other.csl.get("custom") or {})}
    if other.study_type != StudyType.OTHER:
        custom[STUDY_TYPE] = other.study_type
    return filling.differences(kept, other.csl | {"custom": custom}, labels(other))


def labels(other: Reference) -> dict[str, str]:
    """Return what can be taken over from a publication, with the words for it."""
    return LABELS | {name: name for name in sorted(other.csl.keys() - LABELS.keys() - OWN)}


@transaction.atomic
def merge(kept: Reference, other: Reference, *, actor, take: Iterable[str] = ()) -> Event:
    """Merge `other` into `kept`, which takes over what is named in `take`: see `differences`.

    Raises Invalid if they are one row, if either was merged before, or if a field cannot be taken.
    """
    _require(actor)
    if kept.pk == other.pk:
        raise Invalid("Choose two different references.")
    kept, other = _locked(kept.pk, other.pk)
    for each in (kept, other):
        if each.merged_into_id:
            raise Invalid(f"“{each.key}” was merged into “{each.merged_into.key}” before.")
    offered = {row.name for row in differences(kept, other)}
    before, names = kept.csl, [name for name in take if name in offered]
    study_types = [kept.study_type]
    if STUDY_TYPE in names:
        kept.study_type = other.study_type
    moved = list(other.merged.values_list("key", flat=True))
    other.merged.update(merged_into=kept)
    Reference.objects.filter(pk=other.pk).update(merged_into=kept)
    _write(kept, _taken(before, other.csl, names), kept.study_type != study_types[0])
    listings.unindex_references([other.pk])
    noticing.settle(kept, actor=actor)
    data = {
        "key": other.key, "into": kept.key, "taken": names, "moved": moved,
        "before": before, "after": kept.csl, "study_types": [*study_types, kept.study_type],
    }  # fmt: skip
    words = [{**labels(other), STUDY_TYPE: "Kind of study"}[name] for name in names]
    _note_in_history(actor, kept, f"“{other.key}” was merged into it.", words)
    _note_in_history(actor, other, f"Merged into “{kept.key}”.")
    return record(EventKind.REFERENCE_MERGED, actor, reference=other, data=data)


@transaction.atomic
def part(other: Reference, *, actor) -> Event:
    """Undo a merging: both stand by themselves again, as they were before.

    Fields that were changed since the merging stay as they are, but for numbers that were taken
    over. Raises NothingToDo for what was not merged.
    """
    _require(actor)
    if not other.merged_into_id:
        raise NothingToDo(f"“{other.key}” is not merged into another reference.")
    kept, other = _locked(other.merged_into_id, other.pk)
    if other.merged_into_id != kept.pk:
        raise NothingToDo("Somebody undid it meanwhile.")
    merging = other.events.filter(kind=EventKind.REFERENCE_MERGED).last()
    _refuse_taken_numbers(other)
    was, became = merging.data.get("study_types", [kept.study_type] * 2)
    is_other = was != became == kept.study_type
    kept.study_type = was if is_other else kept.study_type
    _write(kept, _without(kept.csl, merging.data, other.csl), is_other)
    Reference.objects.filter(pk=other.pk).update(merged_into=None)
    Reference.objects.filter(key__in=merging.data["moved"], merged_into=kept).update(
        merged_into=other
    )
    other.refresh_from_db()
    listings.index_references([other])
    for each in (kept, other):
        noticing.settle(each, actor=actor)
    _note_in_history(actor, kept, f"“{other.key}” stands by itself again.")
    _note_in_history(actor, other, f"No longer merged into “{kept.key}”.")
    data = {"key": other.key, "from": kept.key}
    return record(EventKind.REFERENCE_PARTED, actor, reference=other, data=data)


def say_distinct(one: Reference, other: Reference, *, actor) -> None:
    """Remember that two publications which look alike are two."""
    _require(actor)
    first, second = sorted((one.pk, other.pk))
    Distinct.objects.get_or_create(
        one_id=first, other_id=second, defaults={"said_by": name_of(actor)[:150]}
    )


def _require(actor) -> None:
    if not actor.has_perm("references.change_reference"):
        raise NotPermitted("You may not change references.")


def _refuse_taken_numbers(reference: Reference) -> None:
    """Raise Invalid if another publication got its DOI or PMID meanwhile."""
    others = Reference.objects.listed().exclude(pk=reference.merged_into_id)
    for name in ("doi", "pmid"):
        value = getattr(reference, name)
        if value and (other := others.filter(**{name: value}).first()):
            raise Invalid(f"“{other.key}” has its {name.upper()} now. Change that first.")


def _locked(*numbers: int) -> list[Reference]:
    """Return rows in this order, locked in the order of all such locks, so that none waits in a
    circle."""
    rows = Reference.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
    found = {row.pk: row for row in rows}
    return [found[number] for number in numbers]


def _write(reference: Reference, csl: dict, is_changed: bool = False) -> None:
    if csl == reference.csl and not is_changed:
        return
    reference.csl = csl
    try:
        reference.save()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    listings.index_references([reference])


def _taken(csl: dict, others: dict, names: list[str]) -> dict:
    """Return what is kept with these fields of the other."""
    fields = {name: others[name] for name in names if name != STUDY_TYPE}
    # Whether there are more authors than are named belongs to those that are.
    told = {part: (others.get("custom") or {}).get(part) for n, part in WITH.items() if n in fields}
    custom = {**(csl.get("custom") or {}), **told}
    custom = {name: value for name, value in custom.items() if value is not None}
    return csl | fields | ({"custom": custom} if told else {})


def _without(csl: dict, merging: dict, others: dict) -> dict:
    """Return what was kept, without what it took over from the other."""
    if csl == merging["after"]:
        return merging["before"]
    taken = [
        name
        for name in IDENTIFIERS
        if name in merging["taken"] and csl.get(name) == others.get(name)
    ]
    kept = {name: value for name, value in csl.items() if name not in taken}
    return kept | {name: merging["before"][name] for name in taken if name in merging["before"]}


def _note_in_history(actor, reference: Reference, words: str, taken: Iterable[str] = ()) -> None:
    labels = ", ".join(taken)
    LogEntry.objects.create(
        user=actor,
        content_type=ContentType.objects.get_for_model(Reference),
        object_id=str(reference.pk),
        object_repr=str(reference)[:200],
        action_flag=CHANGE,
        change_message=f"{words} Taken over: {labels}." if labels else words,
    )

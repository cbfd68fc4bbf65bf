"""Bringing publications into the library by their identifiers.

What is here already is not asked for. The records that come of it go the way of each import, so
that they are found, logged, and brought only once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q

from references.formats import Record
from references.formats.records import refused
from references.models import Reference
from references.registries.client import Session
from references.registries.clinicaltrials import LABEL, PAGE
from references.registries.looking_up import look_up
from references.registries.recognising import Identifier, recognise
from topics.library import importing
from topics.library.importing import Batch, Report

SOURCE = "a list of identifiers"
# So many are asked for at once, and for so long: whoever waits sees what there is by then.
MOST = 50
SECONDS = 20
# How the library calls what it knows publications by.
COLUMNS = ("doi", "pmid", "pmcid")


@dataclass(frozen=True)
class Wanted:
    """One line of what was asked for, and what it is or why it is nothing."""

    place: int
    text: str
    identifier: Identifier | None = None
    fault: str = ""


def wanted_of(text: str) -> list[Wanted]:
    """Return what stands in the lines of a text. Empty ones count, but are left out."""
    lines = enumerate(text.splitlines(), 1)
    return [_wanted(place, line.strip()) for place, line in lines if line.strip()]


def records(wanted: list[Wanted], session: Session | None = None) -> list[Record]:
    """Return a record of each line, in its order, from the library or from a registry."""
    here = _here([each.identifier for each in wanted if each.identifier])
    asked = [each.identifier for each in wanted if each.identifier and each.identifier not in here]
    found = look_up(asked, session or Session(SECONDS))
    return [_record(each, here, found) for each in wanted]


def run(
    some: list[Record],
    *,
    actor,
    is_dry: bool = False,
    told: Callable[[Report, Batch], None] | None = None,
) -> Report:
    """Bring records into the library, and return what became of them. Raises NotPermitted."""
    return importing.bring(
        some, actor=actor, label="Identifiers", source=SOURCE, is_dry=is_dry, told=told
    )


def by_hand(text: str) -> dict:
    """Return a CSL-JSON item that has nothing but an identifier, {} if the text is none."""
    try:
        found = recognise(text)
    except ValidationError:
        return {}
    if found.kind == "nct":
        page = {"container-title": LABEL, "number": found.value, "URL": f"{PAGE}{found.value}"}
        return {"type": "webpage", "title": "", **page}
    if found.kind == "isbn":
        return {"type": "book", "title": "", "ISBN": found.value}
    return {"type": "article-journal", "title": "", found.kind.upper(): found.value}


def _wanted(place: int, text: str) -> Wanted:
    try:
        return Wanted(place, text, recognise(text))
    except ValidationError as error:
        return Wanted(place, text, fault=" ".join(error.messages))


def _here(identifiers: list[Identifier]) -> dict[Identifier, Reference]:
    """Return publications of the library that have one of these identifiers."""
    wanted = Q(pk__in=[])
    for name in COLUMNS:
        wanted |= Q(**{f"{name}__in": [one.value for one in identifiers if one.kind == name]})
    rows = list(Reference.objects.select_related("merged_into").filter(wanted))
    found = {
        Identifier(name, getattr(row, name) or ""): row.kept for row in rows for name in COLUMNS
    }
    return {one: found[one] for one in identifiers if one in found}


def _record(each: Wanted, here: dict, found: dict) -> Record:
    if each.identifier is None:
        return refused(each.place, each.fault, each.text)
    if reference := here.get(each.identifier):
        return Record(each.place, reference.csl)
    told = found[each.identifier]
    if told.item is None:
        return refused(each.place, told.fault, str(each.identifier))
    return Record(each.place, told.item)

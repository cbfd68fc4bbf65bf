"""Bringing publications of other programs into the library, nothing twice.

A record is known here by its DOI, PMID or PMCID, or else by its fingerprint: letters of the title,
year and first author; under a short title, as “Cord blood”, also by journal, volume and page. The
portal's own files call each by its key, which counts if the title is the same. What is known is
left as it is. All functions work on batches, so that a file
of any length takes the memory of one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q

from references.fingerprints import key_of, signs
from references.formats import Record
from references.formats.reading import tidy
from references.formats.writing import first_and_last_page
from references.identifiers import KEY_PATTERN
from references.models import Reference, StudyType

BATCH = 500
# How the library calls what identifies a publication.
IDENTIFIERS = ("doi", "pmid", "pmcid")
FINGERPRINT, KEY, PLACE = "fingerprint", "key", "place"
# Titles with fewer letters, as “Reply”, are those of many.
SHORTEST_TITLE, LONGEST_KEY = 12, 60
NAMES = {
    "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", KEY: "key and title",
    FINGERPRINT: "title, year and author", PLACE: "title, year, author and place",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What becomes of one record: it is new, known here as `key` by `by`, or refused.

    `is_twin` says that it is known from an earlier record of the same file, which is new.
    """

    place: int
    title: str
    key: str = ""
    by: str = ""
    fault: str = ""
    is_twin: bool = False
    item: dict | None = field(default=None, compare=False, repr=False)

    @property
    def is_known(self) -> bool:
        return bool(self.by)


@dataclass
class Batch:
    """What becomes of some records of a file, and the publications that are new."""

    lines: list[Line] = field(default_factory=list)
    new: list[tuple[Line, Reference]] = field(default_factory=list)


@dataclass
class Seen:
    """What earlier records of the same file brought, while nothing of it is saved."""

    keys: set[str] = field(default_factory=set)
    known: dict[tuple[str, str], Reference] = field(default_factory=dict)

    def add(self, reference: Reference) -> None:
        self.keys.add(reference.key)
        for pair in identity(reference):
            self.known.setdefault(pair, reference)


def in_batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    records = iter(records)
    while batch := list(islice(records, BATCH)):
        yield batch


def sort(records: list[Record], seen: Seen | None = None) -> Batch:
    """Return what becomes of records, without saving anything, with a few queries for all of them.

    `seen` is what earlier batches brought, if these were not saved; it is added to.
    """
    seen = seen or Seen()
    found = [(record, *_read(record)) for record in records]
    read = [reference for _, reference, _ in found if reference]
    known = _known(read) | seen.known
    keys = _taken({key_of(reference.csl) for reference in read}) | seen.keys
    batch = Batch()
    for record, reference, fault in found:
        line = _line(record, reference, fault, known)
        if not line.fault and not line.is_known:
            reference.key = _free_key(key_of(reference.csl), keys)
            reference.read_csl()
            line = Line(line.place, line.title, reference.key)
            keys.add(reference.key)
            seen.add(reference)
            known |= {pair: known.get(pair, reference) for pair in identity(reference)}
            batch.new.append((line, reference))
        batch.lines.append(replace(line, item=record.item))
    return batch


def _read(record: Record) -> tuple[Reference | None, str]:
    """Return a record as a publication, or why it is none. Its key is that of the file, if any."""
    if record.item is None:
        return None, record.fault
    custom = dict(record.item.get("custom") or {})
    study_type = custom.pop("study_type", "")
    # What a file of the portal said of it on that day.
    for name in ("warning", "notice"):
        custom.pop(name, None)
    csl = {name: value for name, value in record.item.items() if name != "custom"}
    csl |= {"custom": custom} if custom else {}
    if study_type not in StudyType.values:
        study_type = StudyType.OTHER
    reference = Reference(key=_key_given(record), csl=csl, study_type=study_type)
    try:
        reference.read_csl()
    except ValidationError as error:
        return None, " ".join(error.messages)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        return None, f"It is not CSL-JSON: {error}"
    return reference, ""


def _key_given(record: Record) -> str:
    is_one = len(record.key) <= LONGEST_KEY and re.fullmatch(KEY_PATTERN, record.key)
    return record.key if is_one else ""


def _line(record: Record, reference: Reference | None, fault: str, known: dict) -> Line:
    if fault:
        return Line(record.place, record.title or _title(record), fault=fault)
    owners = {
        name: owner
        for name, value in identity(reference)
        if (owner := known.get((name, value))) and (name in IDENTIFIERS or _agree(reference, owner))
    }
    numbers = {name: owner.key for name, owner in owners.items() if name in IDENTIFIERS}
    if len(set(numbers.values())) > 1:
        told = ", ".join(f"its {NAMES[name]} is that of {key}" for name, key in numbers.items())
        return Line(record.place, reference.title, fault=f"Two publications here: {told}.")
    for name, owner in owners.items():
        is_twin = owner.pk is None
        return Line(record.place, reference.title, owner.key, NAMES[name], is_twin=is_twin)
    return Line(record.place, reference.title)


def _agree(one: Reference, other: Reference) -> bool:
    """Return whether no number tells two publications of one title, year and author apart.

    A correction or a reply is often called as the article is.
    """
    pairs = ((getattr(one, name), getattr(other, name)) for name in IDENTIFIERS)
    return all(mine == its for mine, its in pairs if mine and its)


def _title(record: Record) -> str:
    return str((record.item or {}).get("title", ""))[:200]


def identity(reference: Reference) -> list[tuple[str, str]]:
    """Return by what a publication is known, the surest first: name and value of each."""
    pairs = [(name, getattr(reference, name)) for name in IDENTIFIERS]
    title = signs(tidy(reference.title))
    pairs.append((KEY, f"{reference.key}|{title}" if reference.key and title else ""))
    if len(reference.fingerprint.rpartition("|")[2]) >= SHORTEST_TITLE:
        pairs.append((FINGERPRINT, reference.fingerprint))
    elif place := _place(reference):
        pairs.append((PLACE, f"{reference.fingerprint}|{place}"))
    return [(name, value) for name, value in pairs if value]


def _place(reference: Reference) -> str:
    """Return what tells publications of one short title, year and author apart, "" if nothing.

    Volume and page do, since a journal may be abbreviated; without them its name, if somebody is
    named who wrote it: each issue has an “Editorial”.
    """
    volume = signs(str(reference.csl.get("volume") or ""))
    page = signs(first_and_last_page(reference.csl)[0])
    if volume and page:
        return f"{volume}|{page}"
    where = signs(reference.container or str(reference.csl.get("publisher") or ""))
    author = reference.fingerprint.split("|")[1]
    return f"{where}|{volume}|{page}" if where and author else ""


def _known(references: list[Reference]) -> dict[tuple[str, str], Reference]:
    """Return publications here by name and value of what identifies one of these."""
    wanted = Q(pk__in=[])
    for name in (*IDENTIFIERS, FINGERPRINT, KEY):
        if values := {value for each in references if (value := getattr(each, name))}:
            wanted |= Q(**{f"{name}__in": values})
    read = [KEY, *IDENTIFIERS, FINGERPRINT, "title", "container", "csl"]
    read += ["merged_into", *(f"merged_into__{name}" for name in read)]
    here = Reference.objects.filter(wanted).select_related("merged_into").only(*read)
    rows = here.order_by("-pk")
    return {pair: reference.kept for reference in rows for pair in identity(reference)}


def _taken(bases: set[str]) -> set[str]:
    """Return the keys here that begin as one of these."""
    if not bases:
        return set()
    table = Reference._meta.db_table
    with connection.cursor() as cursor:
        # The operators of the index for patterns, whatever the order of the database's language.
        cursor.execute(
            f"SELECT reference.key FROM unnest(%s::text[]) AS base "
            f"JOIN {table} AS reference "
            f"ON reference.key ~>=~ base AND reference.key ~<~ (base || '~')",
            [sorted(bases)],
        )
        return {key for (key,) in cursor.fetchall()}


def _free_key(base: str, taken: set[str]) -> str:
    """Return the key, with a letter or number behind it if it is taken: `smith2020b`."""
    if base not in taken:
        return base
    for letter in "bcdefghijklmnopqrstuvwxyz":
        if base + letter not in taken:
            return base + letter
    number = 27
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"

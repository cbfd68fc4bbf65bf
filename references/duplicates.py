"""Publications that look like one and the same, though no number says so.

Two are compared if they have the same first author and nearly the same year, or the same letters in
their titles, and are taken together if they stand at one place, whatever they are called: the same
first author, year, volume and first page. So a library of tens of thousands is searched in a second
or two.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db import connection

from references.fingerprints import signs
from references.formats.writing import first_and_last_page
from references.models import Reference

# Of titles, as pg_trgm measures it; the same title cut short at its colon reaches about this.
ALIKE = 0.55
SAME_TITLE = 0.9
SHORTEST_TITLE = 12
MOST = 500
# What is written about another publication is often called as that one is.
ABOUT = re.compile(
    r"(re\W|in reply|reply|response|comment|corrigend|erratum|errata|correction|retract|"
    r"author'?s? correction|expression of concern|letter)",
    re.IGNORECASE,
)

IDENTIFIERS = ("doi", "pmid", "pmcid")
OTHER_NUMBERS = ("different DOIs", "different PMIDs", "different PMCIDs")

_LOOK = """
    SELECT one.id, other.id, similarity(one.title, other.title) AS alike, {place} AS at_one_place
    FROM listed one JOIN listed other ON one.id < other.id AND {near}
    WHERE {{wanted}}
"""
_SAME_AUTHOR = _LOOK.format(
    place="false",
    # In this order: comparing titles takes longest by far.
    near="""one.author = other.author AND one.author <> ''
        AND CASE WHEN abs(coalesce(one.year - other.year, 0)) <= 1 AND {wanted}
            THEN similarity(one.title, other.title) >= %(alike)s ELSE false END""",
)
_SAME_LETTERS = _LOOK.format(
    place="false", near="one.letters = other.letters AND length(one.letters) >= %(shortest)s"
)
# A title that was cut, or translated, is hardly alike.
_SAME_PLACE = _LOOK.format(
    place="true",
    near="""one.author = other.author AND one.year = other.year AND one.volume = other.volume
        AND one.page = other.page AND one.author <> '' AND one.volume <> '' AND one.page <> ''""",
)
# {wanted} says of which publications.
_FIND = f"""
    WITH listed AS (
        SELECT id, title, year,
            split_part(fingerprint, '|', 2) AS author, split_part(fingerprint, '|', 3) AS letters,
            lower(trim(csl->>'volume')) AS volume,
            lower(trim(substring(csl->>'page' FROM '^[^-–]+'))) AS page
        FROM references_reference WHERE merged_into_id IS NULL
    ), found (one_id, other_id, alike, at_one_place) AS (
        {_SAME_AUTHOR} UNION {_SAME_LETTERS} UNION {_SAME_PLACE}
    )
    SELECT one_id, other_id, max(alike) FROM found
    WHERE NOT EXISTS (SELECT 1 FROM references_distinct said
        WHERE said.one_id = found.one_id AND said.other_id = found.other_id)
    GROUP BY 1, 2 ORDER BY bool_or(at_one_place) DESC, 3 DESC, 1, 2 LIMIT %(most)s
"""


@dataclass(frozen=True)
class Pair:
    """Two publications that may be one, with what speaks for and against it.

    First comes the one to keep: that with more numbers, or the older row.

    `alike` is how alike their titles are, from 0 to 1.
    """

    one: Reference
    other: Reference
    alike: float
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


def pairs() -> list[Pair]:
    """Return all pairs that look alike, the surest first, without those said to be two."""
    return _found("true", {})


def of(reference: Reference) -> list[Pair]:
    """Return the pairs of one publication."""
    return _found("%(pk)s IN (one.id, other.id)", {"pk": reference.pk})


def _found(wanted: str, values: dict) -> list[Pair]:
    values |= {"alike": ALIKE, "shortest": SHORTEST_TITLE, "most": MOST * 4}
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(wanted=wanted), values)
        rows = cursor.fetchall()
    references = Reference.objects.in_bulk({pk for row in rows for pk in row[:2]})
    made = (_pair(references[one], references[other], alike) for one, other, alike in rows)
    return sorted(
        (pair for pair in made if _is_likely(pair)),
        key=lambda pair: (len(pair.doubts), -pair.alike, pair.one.key),
    )[:MOST]


def _pair(older: Reference, newer: Reference, alike: float) -> Pair:
    numbers = [sum(bool(getattr(each, name)) for name in IDENTIFIERS) for each in (older, newer)]
    one, other = (newer, older) if numbers[1] > numbers[0] else (older, newer)
    return Pair(
        one, other, alike, tuple(_reasons(one, other, alike)), tuple(_doubts(one, other, alike))
    )


def _reasons(one: Reference, other: Reference, alike: float):
    if alike < SAME_TITLE:
        yield f"{alike:.0%} of the title"
    else:
        yield "the same title" if _are_in_order(one, other) else "the words of the title"
    if one.authors and one.authors == other.authors:
        yield "the same authors"
    elif _part(one, 1) and _part(one, 1) == _part(other, 1):
        yield "the same first author"
    if one.year and one.year == other.year:
        yield "the same year"
    if one.container and one.container.lower() == other.container.lower():
        yield "the same journal"
    if _place(one) and _place(one) == _place(other):
        yield "the same volume and first page"


def _doubts(one: Reference, other: Reference, alike: float):
    for name, words in zip(IDENTIFIERS, OTHER_NUMBERS, strict=True):
        mine, its = getattr(one, name), getattr(other, name)
        if mine and its and mine != its:
            yield words
    if alike >= SAME_TITLE and not _are_in_order(one, other):
        yield "another order or other numbers in the title"
    if one.year and other.year and one.year != other.year:
        yield "different years"
    if _place(one) and _place(other) and _place(one) != _place(other):
        yield "another volume or page"


def _is_likely(pair: Pair) -> bool:
    """Say whether a person should look. Two numbers that differ tell two publications apart."""
    if bool(ABOUT.match(pair.one.title)) != bool(ABOUT.match(pair.other.title)):
        return False
    numbers = sum(doubt.startswith(OTHER_NUMBERS) for doubt in pair.doubts)
    # A preprint has a number of its own.
    return numbers == 0 or (numbers == 1 and pair.alike >= SAME_TITLE)


def _part(reference: Reference, place: int) -> str:
    return reference.fingerprint.split("|")[place]


def _are_in_order(one: Reference, other: Reference) -> bool:
    """Return whether titles of the same letters have them in one order, and the same numbers.

    Trigrams do not see it: “50 about subject 950” has those of “950 about subject 50”.
    """
    numbers = [re.findall(r"\d+", each.title) for each in (one, other)]
    letters = [signs(each.title) for each in (one, other)]
    return numbers[0] == numbers[1] and (
        letters[0] == letters[1] or SequenceMatcher(None, *letters).ratio() >= SAME_TITLE
    )


def _place(reference: Reference) -> tuple:
    found = (str(reference.csl.get("volume") or ""), first_and_last_page(reference.csl)[0])
    return tuple(part.strip().lower() for part in found) if all(found) else ()

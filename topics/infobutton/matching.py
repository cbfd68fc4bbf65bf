"""From what is asked to the topics that answer it: by code first, by words where no code fits."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models.functions import Upper

from topics import codesystems
from topics.choices import CodeSystem, Match
from topics.infobutton.asking import Criterion
from topics.models import ListedCode, Listing
from topics.search import answering, finding, query

# How well a topic answers, from 0 to 1, by how its code fits.
SCORES = {Match.EXACT: 1.0, Match.BROADER: 0.8, Match.NARROWER: 0.6, Match.RELATED: 0.4}
# Of a code that was not found in a released table, so much of that.
UNVERIFIED = 0.5
# By a code above the one that is asked, and by words.
ABOVE, NAMED, IN_NAME = 0.5, 0.3, 0.2
MOST = 20
MOST_BY_WORDS = 6
# As SNOMED CT ends its names: “Acute myeloid leukemia (disorder)”.
_TAG = re.compile(
    r"\s*\((disorder|finding|procedure|substance|product|situation|morphologic abnormality|"
    r"medicinal product|clinical drug|body structure|observable entity|regime/therapy)\)\s*$",
    re.I,
)


@dataclass(frozen=True)
class Found:
    """A topic that answers, how well, and by which of its codes; without one, by words.

    What is not `is_sure` may be about something near, so a reader must see how it was found.
    """

    slug: str
    title: str
    score: float
    code: ListedCode | None = None
    match: str = ""
    is_sure: bool = True


def find(criteria: Iterable[Criterion]) -> list[Found]:
    """Return the topics that answer any of the criteria, each once, the best first.

    Codes that were not verified count only for a criterion that no verified one fits.
    """
    best: dict[str, Found] = {}
    for criterion in criteria:
        for found in _of(criterion):
            if found.slug not in best or best[found.slug].score < found.score:
                best[found.slug] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.title))[:MOST]


def _of(criterion: Criterion) -> list[Found]:
    system = codesystems.named(criterion.system) if criterion.system else None
    found = _by_code(criterion.code, system) if criterion.code and system else []
    return found or _by_words(criterion.words) or _by_words(criterion.display)


def _by_code(code: str, system: CodeSystem) -> list[Found]:
    found = [_scored(row) for row in _listed(code, system)]
    return found or _by_code_above(code, system)


def _by_code_above(code: str, system: CodeSystem) -> list[Found]:
    """Return what fits the codes above one, as those of bills stand below those of books.

    What a topic means the same as, or more than, takes in what stands below it. Of what means more
    than the topic it may be any part.
    """
    near: list[Found] = []
    for above in _above(code, system):
        rows = [(row, ABOVE * _trust(row)) for row in _listed(above, system)]
        within = [
            Found(row.listing.slug, row.listing.title, score, row, Match.NARROWER)
            for row, score in rows
            if row.match in (Match.EXACT, Match.NARROWER)
        ]
        if within:
            return within
        near = near or [
            Found(row.listing.slug, row.listing.title, score / 2, row, Match.RELATED, is_sure=False)
            for row, score in rows
            if row.match == Match.BROADER
        ]
    return near


def _listed(code: str, system: CodeSystem) -> list[ListedCode]:
    """Return the published codes that are written so, the verified ones if there are any."""
    written = {spelt.upper() for spelt in codesystems.spellings(code, system)}
    rows = ListedCode.objects.alias(upper=Upper("code")).filter(system=system, upper__in=written)
    found = list(rows.select_related("listing").defer(*(f"listing__{name}" for name in _UNREAD)))
    return [row for row in found if row.verified] or found


# Of a listing; none of it is shown, and it can be long.
_UNREAD = ("search", "links", "relations", "related", "facets", "summary")


def _scored(row: ListedCode) -> Found:
    score = round(SCORES[Match(row.match)] * _trust(row), 2)
    return Found(row.listing.slug, row.listing.title, score, row, row.match)


def _trust(row: ListedCode) -> float:
    return 1.0 if row.verified else UNVERIFIED


def _above(code: str, system: CodeSystem) -> Iterator[str]:
    """Yield the codes above one, the nearest first: C92.01 of a bill stands below C92.0."""
    written = codesystems.spellings(code, system)[-1]
    if system in (CodeSystem.ICD_10, CodeSystem.ICD_10_CM) and "." in written:
        while len(written) > 3:
            written = written[:-1].rstrip(".")
            yield written
    if system == CodeSystem.ATC:
        yield from (written[:length] for length in (5, 4, 3) if length < len(written))


def _by_words(words: str) -> list[Found]:
    """Return the topics that words name, else those that have all of them in their names.

    The portal's search wants no word in particular; whoever asks for one thing must not be shown
    another as its answer.
    """
    typed = query.clean(_TAG.sub("", words))[: query.LONGEST]
    # A machine makes no slips of the finger, and a word that is unknown here is another subject.
    asked = finding.ask(typed, correct=False) if typed else None
    if asked is None or not asked.lexemes:
        return []
    numbers = [number for number, _score in finding.topics(asked)]
    named = [number for number in numbers if number in asked.named.topics]
    score = NAMED if named else IN_NAME
    chosen = named or _with_all(asked.lexemes, numbers)
    rows = Listing.objects.only("slug", "title").in_bulk(chosen[:MOST_BY_WORDS])
    return [
        Found(rows[number].slug, rows[number].title, round(score - place / 100, 2), is_sure=False)
        for place, number in enumerate(chosen)
        if number in rows
    ]


def _with_all(lexemes: Iterable[str], numbers: list[int]) -> list[int]:
    """Return the topics that have all lexemes in their title and synonyms."""
    wanted, names = set(lexemes), answering.names_of(set(numbers))
    return [number for number in numbers if wanted <= names.get(number, {}).keys()]

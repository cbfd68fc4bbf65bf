"""From what is asked to the topics that answer it: by code first, by words where no code fits.

However many criteria are asked for, the database is asked once for codes and once for names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models.functions import Upper

from topics import codesystems
from topics.choices import CodeSystem, Match
from topics.infobutton import hierarchies, names
from topics.infobutton.asking import Criterion
from topics.models import ListedCode, Listing

# How well a topic answers, from 0 to 1, by how its code fits.
SCORES = {Match.EXACT: 1.0, Match.BROADER: 0.8, Match.NARROWER: 0.6, Match.RELATED: 0.4}
# Of a code that was not found in a released table, so much of that.
UNVERIFIED = 0.5
# By a code above the one that is asked, by words, and by an abbreviation, which may mean another.
ABOVE, NAMED, IN_NAME, ABBREVIATED = 0.5, 0.3, 0.2, 0.1
MOST = 20
MOST_BY_WORDS = 6

# The published codes that are asked for, by system and code in capitals.
Codes = dict[tuple[str, str], list[ListedCode]]


@dataclass(frozen=True)
class Found:
    """A topic that answers, how well, and by which of its codes; without one, by words.

    The code `is_above` if what was asked for only stands below it. What is not `is_sure` may be
    about something near, so a reader must see how it was found.
    """

    slug: str
    title: str
    score: float
    code: ListedCode | None = None
    match: str = ""
    is_sure: bool = False
    is_above: bool = False


def find(criteria: Iterable[Criterion]) -> list[Found]:
    """Return the topics that answer any of the criteria, each once, the best first.

    Codes that were not verified count only for a criterion that no verified one fits.
    """
    criteria = list(dict.fromkeys(criteria))
    systems = {one: codesystems.named(one.system) for one in criteria if one.code and one.system}
    listed = _listed({one: system for one, system in systems.items() if system})
    best: dict[str, Found] = {}
    unanswered = []
    for criterion in criteria:
        system = systems.get(criterion)
        by_code = _by_code(criterion.code, system, listed) if system else []
        if not by_code:
            unanswered.append(criterion)
        _take(best, by_code)
    _take(best, _by_words(unanswered))
    return sorted(best.values(), key=lambda found: (-found.score, found.title))[:MOST]


def _take(best: dict[str, Found], found: Iterable[Found]) -> None:
    for one in found:
        if one.slug not in best or best[one.slug].score < one.score:
            best[one.slug] = one


def _listed(asked: dict[Criterion, CodeSystem]) -> Codes:
    """Return what is published of the codes that are asked for, and of those above them."""
    wanted = {
        (system, code)
        for criterion, system in asked.items()
        for code in [*_written(criterion.code, system), *hierarchies.above(criterion.code, system)]
    }
    if not wanted:
        return {}
    rows = ListedCode.objects.alias(upper=Upper("code")).filter(
        system__in={system for system, _code in wanted},
        upper__in={code for _system, code in wanted},
    )
    found: Codes = {}
    for row in rows.select_related("listing").defer(*(f"listing__{name}" for name in _UNREAD)):
        found.setdefault((row.system, row.code.upper()), []).append(row)
    return found


# Of a listing; none of it is shown, and it can be long.
_UNREAD = ("search", "links", "relations", "related", "facets", "summary")


def _written(code: str, system: CodeSystem) -> list[str]:
    return list(dict.fromkeys(spelt.upper() for spelt in codesystems.spellings(code, system)))


def _rows(codes: Iterable[str], system: CodeSystem, listed: Codes) -> list[ListedCode]:
    """Return the rows that have one of the codes, the verified ones if there are any."""
    found = [row for code in codes for row in listed.get((system, code), [])]
    return [row for row in found if row.verified] or found


def _by_code(code: str, system: CodeSystem, listed: Codes) -> list[Found]:
    found = [_scored(row) for row in _rows(_written(code, system), system, listed)]
    return found or _by_code_above(code, system, listed)


def _by_code_above(code: str, system: CodeSystem, listed: Codes) -> list[Found]:
    """Return what fits the codes above one, as those of bills stand below those of books.

    What a topic means the same as, or more than, takes in what stands below it. Of what means more
    than the topic it may be any part. Whether the terminology has the code at all is not known
    here, so nothing of this is sure but a digit more, as codes of bills have.
    """
    near: list[Found] = []
    for above in hierarchies.above(code, system):
        rows = [(row, ABOVE * _trust(row)) for row in _rows([above], system, listed)]
        is_next = hierarchies.is_next_below(code, above, system)
        within = [
            Found(
                row.listing.slug, row.listing.title, score, row, Match.NARROWER,
                is_sure=is_next and row.verified, is_above=True,
            )
            for row, score in rows
            if row.match in (Match.EXACT, Match.NARROWER)
        ]  # fmt: skip
        if within:
            return within
        near = near or [
            Found(row.listing.slug, row.listing.title, score / 2, row, Match.RELATED, is_above=True)
            for row, score in rows
            if row.match == Match.BROADER
        ]
    return near


def _scored(row: ListedCode) -> Found:
    score = round(SCORES[Match(row.match)] * _trust(row), 2)
    is_sure = row.verified and row.match != Match.RELATED
    return Found(row.listing.slug, row.listing.title, score, row, row.match, is_sure)


def _trust(row: ListedCode) -> float:
    return 1.0 if row.verified else UNVERIFIED


def _by_words(criteria: list[Criterion]) -> list[Found]:
    """Return the topics that criteria name, by what was typed or else by the name of the code."""
    said = [
        names.read(words, is_alone=not one.code)
        for one in criteria
        for words in (one.words, one.display)
    ]
    called = names.find(said)
    chosen = [
        (number, _score(named))
        for by_words, by_display in zip(called[::2], called[1::2], strict=True)
        if (named := by_words or by_display)
        for number in named.topics[:MOST_BY_WORDS]
    ]
    rows = Listing.objects.only("slug", "title").in_bulk({number for number, _score in chosen})
    return [
        Found(rows[number].slug, rows[number].title, score)
        for number, score in chosen
        if number in rows
    ]


def _score(named: names.Called) -> float:
    if named.is_abbreviated:
        return ABBREVIATED
    return NAMED if named.is_whole else IN_NAME

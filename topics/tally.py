"""How much changed from one Document to another, in words, each with the place of the first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import ngettext_lazy

from topics.differences import (
    ADDED,
    CHANGED,
    REMOVED,
    SAME,
    Differences,
    RowDifference,
    SectionDifference,
    StatementDifference,
)

# Of the parts of the page that are told of as a whole.
HEAD, TEXT = "change_head", "change_text"
AROUND, REFERENCES = "change_around", "change_references"


@dataclass(frozen=True)
class Count:
    """How often something happened, in words, and the id of the first place; "" of none."""

    words: str
    place: str = ""


@dataclass
class _Counted:
    """Differences that may be counted, each with its place."""

    found: list[tuple[object, str]] = field(default_factory=list)

    def count(self, fits: Callable[[object], object], told) -> Iterator[Count]:
        places = [place for each, place in self.found if fits(each)]
        if places:
            yield Count(told % len(places), places[0])


def tally(found: Differences) -> list[Count]:
    """Return how much changed, the weightiest first, and how much did not."""
    statements = _Counted([
        (each, statement_place(each)) for section in found.sections for each in section.statements
    ])  # fmt: skip
    rows = _Counted([
        (row, row_place(table.name, number))
        for table in found.tables
        for number, row in enumerate(table.rows)
    ])  # fmt: skip
    same = sum(each.change == SAME for each, _ in statements.found)
    unchanged = ngettext_lazy("%d statement unchanged", "%d statements unchanged")
    return [
        *_statements(statements),
        *_rows(rows),
        *_beside(found),
        *([Count(unchanged % same)] if same else []),
    ]


def statement_place(statement: StatementDifference) -> str:
    return f"changed_{statement.statement['anchor']}"


def row_place(table: str, number: int) -> str:
    return f"changed_{table}.{number}"


def _statements(found: _Counted) -> Iterator[Count]:
    for fits, told in (
        (_became(ADDED), ngettext_lazy("%d statement added", "%d statements added")),
        (_became(REMOVED), ngettext_lazy("%d statement removed", "%d statements removed")),
        (is_reworded, ngettext_lazy("%d statement reworded", "%d statements reworded")),
        (_is_graded, ngettext_lazy("%d statement graded anew", "%d statements graded anew")),
        (_is_cited,
         ngettext_lazy("%d statement with new sources", "%d statements with new sources")),
        (_is_moved, ngettext_lazy("%d statement moved", "%d statements moved")),
    ):  # fmt: skip
        yield from found.count(fits, told)


def _rows(found: _Counted) -> Iterator[Count]:
    for fits, told in (
        (_became(ADDED), ngettext_lazy("%d table row added", "%d table rows added")),
        (_became(REMOVED), ngettext_lazy("%d table row removed", "%d table rows removed")),
        (_became(CHANGED), ngettext_lazy("%d table row changed", "%d table rows changed")),
    ):
        yield from found.count(fits, told)


def _beside(found: Differences) -> Iterator[Count]:
    """Count what is neither a statement nor a row of a table."""
    sections = [each for each in found.sections if _is_only_set_otherwise(each)]
    relations = [*found.relations.added, *found.relations.removed]
    head = [*found.texts, *found.values, *found.lists, *found.facts.values]
    head += [found.facts.grading] if found.facts.grading else []
    for things, place, told in (
        (head, HEAD,
         ngettext_lazy("%d change in the head of the page", "%d changes in the head of the page")),
        (sections, TEXT, ngettext_lazy("%d section with another heading or layout",
                                       "%d sections with another heading or layout")),
        ([*relations, *found.codes], AROUND,
         ngettext_lazy("%d relation or code changed", "%d relations and codes changed")),
        (found.references, REFERENCES,
         ngettext_lazy("%d publication changed", "%d publications changed")),
    ):  # fmt: skip
        if things:
            yield Count(told % len(things), place)


def _became(change: str) -> Callable[[StatementDifference | RowDifference], bool]:
    return lambda each: each.change == change


def is_reworded(statement: StatementDifference) -> bool:
    return statement.change == CHANGED and any(piece.kind != SAME for piece in statement.text)


def _is_only_set_otherwise(section: SectionDifference) -> bool:
    return section.change == CHANGED and all(each.change == SAME for each in section.statements)


def _is_graded(statement: StatementDifference) -> bool:
    return bool(statement.grading.certainty)


def _is_cited(statement: StatementDifference) -> bool:
    return bool(statement.grading.citations)


def _is_moved(statement: StatementDifference) -> bool:
    return statement.moved_from is not None

"""How much changed from one Document to another, in words, each with the place of the first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy, ngettext_lazy

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
TABLES, AROUND, REFERENCES = "change_tables", "change_around", "change_references"
# In a Document figures are a table like others; for people they are pictures.
FIGURES = "figures"


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
    rows, figures = _Counted(), _Counted()
    for table in found.tables:
        counted = figures if table.name == FIGURES else rows
        counted.found += [(row, row_place(table.name, n)) for n, row in enumerate(table.rows)]
    same = sum(each.change == SAME for each, _ in statements.found)
    unchanged = ngettext_lazy("%d statement unchanged", "%d statements unchanged")
    return [
        *_statements(statements),
        *_rows(rows),
        *_figures(figures),
        *_orders(found),
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
        (_is_checked, ngettext_lazy("%d statement with another source check",
                                    "%d statements with another source check")),
        (_is_linked, ngettext_lazy("%d statement with other links",
                                   "%d statements with other links")),
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


def _figures(found: _Counted) -> Iterator[Count]:
    for fits, told in (
        (_became(ADDED), ngettext_lazy("%d figure added", "%d figures added")),
        (_became(REMOVED), ngettext_lazy("%d figure removed", "%d figures removed")),
        (_became(CHANGED), ngettext_lazy("%d figure changed", "%d figures changed")),
    ):
        yield from found.count(fits, told)


def _orders(found: Differences) -> Iterator[Count]:
    """Tell of what only stands elsewhere, so that nothing that changed goes untold."""
    reordered = {table.name for table in found.tables if table.is_reordered}
    if found.sections_are_reordered:
        yield Count(gettext_lazy("sections in another order"), TEXT)
    if reordered - {FIGURES}:
        yield Count(gettext_lazy("table rows in another order"), TABLES)
    if FIGURES in reordered:
        yield Count(gettext_lazy("figures in another order"), TABLES)


def _beside(found: Differences) -> Iterator[Count]:
    """Count what is neither a statement nor a row of a table nor a figure."""
    sections = [each for each in found.sections if _is_set_otherwise(each)]
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


def _is_set_otherwise(section: SectionDifference) -> bool:
    is_named = any(piece.kind != SAME for piece in section.heading)
    is_other = is_named or section.kind or section.subheadings
    is_all_same = all(each.change == SAME for each in section.statements)
    return section.change == CHANGED and bool(is_other or is_all_same)


def _is_graded(statement: StatementDifference) -> bool:
    return bool(statement.grading.certainty)


def _is_cited(statement: StatementDifference) -> bool:
    return bool(statement.grading.citations)


def _is_checked(statement: StatementDifference) -> bool:
    return statement.grading.awaiting_check is not None


def _is_linked(statement: StatementDifference) -> bool:
    return statement.change == CHANGED and bool(statement.links)


def _is_moved(statement: StatementDifference) -> bool:
    return statement.moved_from is not None

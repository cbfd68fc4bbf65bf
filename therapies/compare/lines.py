"""What a comparison is made of.

Topics are its columns. A line holds what each of them says of one thing (a complication, a phase,
a kind of cell), and lines stand in groups under a heading.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from topics.statements import Citation


@dataclass
class Entry:
    """One thing that a topic says: words as pairs of label and text, under a title if need be.

    `address` leads to the topic that the title names, `place` to where it is said. An entry that is
    not `is_graded` says nothing of its certainty. `compared` decides whether it differs from
    another one, if that is not all its words. `citations` and `marks` are HTML, written when the
    page is put together.
    """

    title: str = ""
    address: str = ""
    badge: str = ""
    words: list[tuple[str, str]] = field(default_factory=list)
    place: str = ""
    is_graded: bool = False
    certainty: str = ""
    awaiting_check: bool = False
    cited: list[Citation] = field(default_factory=list)
    compared: tuple = ()
    citations: str = ""
    marks: str = ""

    @property
    def says(self) -> tuple:
        """All by which two entries differ. Where it was read is no difference."""
        return self.compared or (self.title, self.badge, self.words), self.certainty


@dataclass
class Line:
    """What each topic says of one thing, in the order of the columns; an empty cell is a gap.

    `columns` has the cells with the names of their topics, written when the page is put together.
    """

    label: str
    cells: list[list[Entry]]
    address: str = ""
    columns: list[tuple[str, list[Entry]]] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        said = [[entry.says for entry in cell] for cell in self.cells]
        return all(one == said[0] for one in said)

    @property
    def standing(self) -> str:
        """How the columns compare, in words."""
        if self.is_same:
            # Translators: stands beside a line of a comparison, of what is said in its columns.
            return _("same")
        stated = sum(bool(cell) for cell in self.cells)
        if stated < len(self.cells):
            # Translators: “stated for 1 of 2”, of the topics that are compared.
            return _("stated for %(stated)s of %(all)s") % {
                "stated": stated,
                "all": len(self.cells),
            }
        # Translators: stands beside a line of a comparison, of what is said in its columns.
        return _("differs")


@dataclass
class Group:
    """Lines under a heading. `note` says what must be known to read them."""

    title: str
    lines: list[Line]
    note: str = ""


def align(
    title: str,
    columns: list[Iterable[tuple[Hashable, Entry]]],
    *,
    label: Callable[[Hashable], str] = str,
    address: Callable[[Hashable], str] = lambda key: "",
    order: Iterable[Hashable] = (),
    note: str = "",
) -> Group:
    """Return a group with a line for each key that any of the topics says something of.

    `columns` has the keyed entries of each topic. Lines stand in the given order, those of other
    keys behind them as they are met.
    """
    cells: dict[Hashable, list[list[Entry]]] = {}
    for n, column in enumerate(columns):
        for key, entry in column:
            cells.setdefault(key, [[] for _ in columns])[n].append(entry)
    ordered = dict.fromkeys([key for key in order if key in cells] + list(cells))
    lines = [Line(label(key), cells[key], address(key)) for key in ordered]
    return Group(title, lines, note)


def different(groups: list[Group]) -> list[Group]:
    """Return only the lines in which the topics differ, and only the groups that have some."""
    kept = [
        Group(group.title, [line for line in group.lines if not line.is_same], group.note)
        for group in groups
    ]
    return [group for group in kept if group.lines]

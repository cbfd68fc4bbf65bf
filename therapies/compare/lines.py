"""What a comparison is made of.

Topics are its columns. A line holds what each of them says of one thing (a complication, a phase,
a kind of cell), and lines stand in groups under a heading. Only values are compared: days, choices
and topics that are named. Texts stand side by side, and whether they differ is the reader's call.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from topics.statements import Citation

# What a value is a value of: its name for readers, and the thing that it belongs to. Without a name
# it is what the line itself is about.
Key = tuple[str, Hashable]


class Standing(StrEnum):
    """How the columns of a line compare; the value is its class on the page."""

    DIFFERENT = "is-different"
    PARTLY = "is-partly"
    SAME = "is-same"
    NOT_COMPARED = ""


@dataclass
class Entry:
    """One thing that a topic says: words as pairs of label and text, under a title if need be.

    `address` leads to the topic that the title names, `place` to where it is said. An entry that is
    not `is_graded` says nothing of its certainty. `values` is what can be compared. `citations` and
    `marks` are HTML, written when the page is put together.
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
    values: dict[Key, Hashable] = field(default_factory=dict)
    citations: str = ""
    marks: str = ""


@dataclass
class Line:
    """What each topic says of one thing, in the order of the columns; an empty cell is a gap.

    A gap counts only in a line that `counts_gaps`: that nobody else words an outcome in the same
    way means nothing. One that `compares_single` is compared only where each cell has one entry,
    with values: it is not known which of several would belong together. `columns` has the cells
    with the names of their topics, written when the page is put together.
    """

    label: str
    cells: list[list[Entry]]
    address: str = ""
    counts_gaps: bool = True
    compares_single: bool = False
    columns: list[tuple[str, list[Entry]]] = field(default_factory=list)

    @property
    def stated(self) -> int:
        return sum(bool(cell) for cell in self.cells)

    @property
    def standing(self) -> Standing:
        compared = self._compared
        if not all(compared.values()):
            return Standing.DIFFERENT
        if self.counts_gaps and self.stated < len(self.cells):
            return Standing.PARTLY
        return Standing.SAME if compared else Standing.NOT_COMPARED

    @property
    def is_left_open(self) -> bool:
        """Whether it has values that may differ, though nothing can be said of how they compare."""
        if self.standing != Standing.NOT_COMPARED:
            return False
        valued = sum(any(entry.values for entry in cell) for cell in self.cells)
        return self.compares_single or valued > 1

    @property
    def words(self) -> str:
        """How the columns compare, in words; "" if that is left to the reader."""
        compared, standing = self._compared, self.standing
        if standing == Standing.NOT_COMPARED:
            return ""
        if standing == Standing.PARTLY:
            # Translators: “stated for 1 of 2”, of the topics that are compared.
            words = _("stated for %(stated)s of %(all)s")
            return words % {"stated": self.stated, "all": len(self.cells)}
        is_same = standing == Standing.SAME
        names = dict.fromkeys(name for (name, _of), same in compared.items() if same == is_same)
        # Translators: stands beside a line of a comparison, of what is said in its columns.
        words = _("same") if is_same else _("differs")
        named = ", ".join(filter(None, names))
        return f"{words}: {named}" if named else words

    @cached_property
    def _compared(self) -> dict[Key, bool]:
        """Return whether each value that at least two columns state is the same in all of these.

        Same is said only of what every column states, and not of days while there are others that
        belong to something else.
        """
        if self.compares_single and not all(map(_is_single, self.cells)):
            return {}
        found: dict[Key, list[frozenset]] = {}
        for cell in self.cells:
            stated: dict[Key, set] = {}
            for entry in cell:
                for key, value in entry.values.items():
                    stated.setdefault(key, set()).add(value)
            for key, values in stated.items():
                found.setdefault(key, []).append(frozenset(values))
        compared = {
            key: len(set(values)) == 1
            for key, values in found.items()
            if len(values) == len(self.cells) or len(set(values)) > 1
        }
        apart = {name for name, _of in found.keys() - compared.keys()}
        return {key: same for key, same in compared.items() if not same or key[0] not in apart}


def _is_single(cell: list[Entry]) -> bool:
    return len(cell) == 1 and bool(cell[0].values)


@dataclass
class Group:
    """Lines under a heading. `note` says what must be known to read them.

    The lines of one that `is_text` hold statements, under the headings of the topics themselves;
    those of one that `is_glance` mostly a word or two.
    """

    title: str
    lines: list[Line]
    note: str = ""
    is_text: bool = False
    is_glance: bool = False
    is_open: bool = False

    @property
    def counted(self) -> str:
        """What to expect of it before it is opened, in words."""
        if self.is_text:
            # Translators: what a part of a comparison holds.
            return _("text, side by side")
        lines = ngettext("%(n)s line", "%(n)s lines", len(self.lines)) % {"n": len(self.lines)}
        return ", ".join([lines, *tally(self.lines)])


def align(
    title: str,
    columns: list[Iterable[tuple[Hashable, Entry]]],
    *,
    label: Callable[[Hashable], str] = str,
    address: Callable[[Hashable], str] = lambda key: "",
    order: Iterable[Hashable] = (),
    note: str = "",
    counts_gaps: bool = True,
    compares_single: bool = False,
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
    lines = [
        Line(label(key), cells[key], address(key), counts_gaps, compares_single) for key in ordered
    ]
    return Group(title, lines, note)


def different(groups: list[Group]) -> list[Group]:
    """Return only the lines in which values differ or are missing, and the groups with some.

    Lines that are left open stay: who sees them no more would take their values for the same.
    """

    def is_shown(line: Line) -> bool:
        return line.standing in {Standing.DIFFERENT, Standing.PARTLY} or line.is_left_open

    kept = [replace(group, lines=list(filter(is_shown, group.lines))) for group in groups]
    return [group for group in kept if group.lines]


def tally(lines: Iterable[Line]) -> Iterator[str]:
    """Yield how many lines differ, how many only some state and how many are the same."""
    standings = [line.standing for line in lines]
    if n := standings.count(Standing.DIFFERENT):
        # Translators: of lines of a comparison.
        yield ngettext("%(n)s differs", "%(n)s differ", n) % {"n": n}
    if n := standings.count(Standing.PARTLY):
        # Translators: of lines of a comparison: only some of the topics say something of it.
        words = ngettext("%(n)s is stated for some only", "%(n)s are stated for some only", n)
        yield words % {"n": n}
    if n := standings.count(Standing.SAME):
        # Translators: “3 the same”, of lines of a comparison.
        yield pgettext("number of lines", "%(n)s the same") % {"n": n}

"""What a page shows of a clinical table. The kinds of topics make these; a template shows them."""

from dataclasses import dataclass, field

from topics.choices import Certainty


@dataclass
class Cell:
    """Words in a table. `badge` stands large before them, `note` small after them."""

    text: str = ""
    address: str = ""
    badge: str = ""
    note: str = ""
    is_missing: bool = False
    label: str = ""
    marks: str = ""

    def __bool__(self):
        return bool(self.text or self.badge or self.note)


@dataclass
class Row:
    """A row: its cells, how sure it is and what it rests on. `source` is the place in words.

    `certainty` is empty if the cells say it each for themselves.
    `marks` and `citations` are HTML and are written when the page is put together.
    """

    cells: list[Cell]
    certainty: str = Certainty.UNGRADED
    awaiting_check: bool = False
    references: list[str] = field(default_factory=list)
    source: str = ""
    marks: str = ""
    citations: str = ""


@dataclass
class Table:
    """A table under a heading. The first cell of each row names the row."""

    name: str
    title: str
    columns: list[str]
    rows: list[Row]
    caption: str = ""
    note: str = ""
    legend_title: str = ""
    legend: list[tuple[str, str]] = field(default_factory=list)
    is_grid: bool = False

    @property
    def anchor(self) -> str:
        # With an underscore, which no statement's name has.
        return f"table_{self.name}"


@dataclass
class ScaleItem:
    """One thing on a scale: its name, its figure, and whose or against what. `row` has the rest."""

    name: Cell
    figure: str
    detail: str
    row: Row


@dataclass
class Scale:
    """One of two lists that a reader weighs against each other. `anchor` leads to its table."""

    title: str
    items: list[ScaleItem]
    anchor: str
    is_risk: bool = False

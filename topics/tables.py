"""What a page shows of a clinical table. The kinds of topics make these; a template shows them."""

from dataclasses import dataclass, field

from topics.choices import Certainty

# With one more for certainty and sources this is what fits into a page beside its contents.
MOST_COLUMNS = 5


@dataclass(frozen=True)
class Footnote:
    """What is said of several cells of a table, printed once below it."""

    letter: str
    words: str
    anchor: str


@dataclass
class Cell:
    """Words in a table. `badge` stands large before them, `note` small after them.

    `name` is that of the field which the cell shows, and `label` the heading of its column.
    `footnotes` are those of its table that are about the cell.
    """

    text: str = ""
    address: str = ""
    badge: str = ""
    note: str = ""
    is_missing: bool = False
    label: str = ""
    marks: str = ""
    name: str = ""
    footnotes: list[Footnote] = field(default_factory=list)

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
    footnotes: list[Footnote] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        # With an underscore, which no statement's name has.
        return f"table_{self.name}"

    @property
    def has_many_columns(self) -> bool:
        """Whether only a wide place has room for it as a table."""
        return len(self.columns) > MOST_COLUMNS


@dataclass
class Share:
    """How many of the entries of a table say the same. `letter` is "" where it has none."""

    letter: str
    words: str
    number: int
    total: int
    detail: str = ""


@dataclass
class Support:
    """What one published scheme says of one kind of treatment, with what it rests on."""

    scheme: str
    anchor: str
    shares: list[Share]
    row: Row


@dataclass
class Overview:
    """Which treatments there are for a condition, and how well they are supported.

    `topics` are the pages of treatments (`slug` and `title`); `options` has by name of a kind of
    treatment what each scheme says of it.
    """

    topics: list[dict]
    options: list[tuple[str, list[Support]]]
    anchor: str = "treatment_overview"

    @property
    def rows(self) -> list[Row]:
        return [support.row for _, supports in self.options for support in supports]


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

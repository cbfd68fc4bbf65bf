"""Where bars and their labels stand, so that no label covers another or is cut off."""

from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property

from hsc_portal.typography import typeset
from therapies.charts import text
from therapies.charts.scale import DayScale
from therapies.days import SPACE, day, span, window, within
from therapies.words import Speech

# Between the outermost mark and the edge of the picture.
EDGE = 3.0
# Between a bar and its label, and between what stands beside each other in one row.
PAD, APART = 6.0, 16.0
LEAST_WIDTH = 6.0


@dataclass(frozen=True)
class Bar:
    """A window of days. `look` is the class that says how it is drawn.

    The title is of the content if it `is_content`, with words of the portal `before` it if need
    be. `qualifier` says in words of the content of whom or of what the days are, and `measure` in
    words of the portal whether they are a median or a range. `detail` is what more is known, in
    words of the content, and `grade` how sure it is.
    A window without a beginning is drawn from `opens_at` if it ends later, else from the edge.
    """

    title: str
    from_day: int | None
    to_day: int | None
    look: str
    address: str = ""
    detail: str = ""
    opens_at: int | None = None
    before: str = ""
    grade: str = ""
    is_content: bool = False
    qualifier: str = ""
    measure: str = ""
    speech: Speech = field(default_factory=Speech, compare=False)

    @cached_property
    def parts(self) -> list[tuple[str, bool]]:
        """The parts of the name, each with whether it is of the content."""
        return [
            (self.before, False),
            (self.title, self.is_content),
            (f" ({typeset(self.qualifier)})" if self.qualifier else "", True),
            (f", {self.measure}" if self.measure else "", False),
        ]

    @cached_property
    def name(self) -> str:
        return "".join(words for words, _ in self.parts)

    @cached_property
    def label(self) -> str:
        """What is written at the bar: its name and its days."""
        return f"{self.name} {self.days}"

    @cached_property
    def days(self) -> str:
        """The days in words, in one piece, "" if none are known."""
        return span(self.from_day, self.to_day, self.speech.find).replace(" ", SPACE)

    @property
    def days_in_full(self) -> str:
        return within(self.from_day, self.to_day, self.speech.find)


@dataclass(frozen=True)
class Band:
    """Bars under a heading, which leads to `address` if there is one."""

    title: str
    bars: list[Bar]
    address: str = ""


@dataclass(frozen=True)
class Form:
    """The measures of a picture, in its own units.

    With `labels_above` each bar has a row of its own and its label stands above it; otherwise
    labels stand in their bars or beside them, and bars share rows where there is room.
    """

    name: str
    width: float
    margin: float
    size: float
    bar: float
    gap: float
    labels_above: bool = False
    shares_rows: bool = True

    @property
    def line(self) -> float:
        return self.size * 1.25

    @property
    def tick_size(self) -> float:
        return self.size - 2


WIDE = Form("wide", width=860, margin=22, size=13, bar=20, gap=8)
LISTED = Form("wide", width=860, margin=22, size=13, bar=20, gap=8, shares_rows=False)
NARROW = Form("narrow", width=360, margin=17, size=14, bar=11, gap=13, labels_above=True)


@dataclass(frozen=True)
class Shape:
    """From where to where a bar goes. What is open goes on beyond; a point is a single day."""

    left: float
    right: float
    is_open_left: bool = False
    is_open_right: bool = False
    is_point: bool = False


class Stand(Enum):
    """Where the label of a bar stands."""

    INSIDE = "inside"
    BESIDE = "beside"
    ABOVE = "above"


@dataclass(frozen=True)
class Placed:
    """A bar with its shape and label, and from where to where both go together.

    `x` is where the lines of the label begin, or end if it `ends_at_x`.
    """

    bar: Bar
    shape: Shape
    stand: Stand
    lines: list[str]
    x: float
    left: float
    right: float
    ends_at_x: bool = False

    def height(self, form: Form) -> float:
        above = len(self.lines) if self.stand is Stand.ABOVE else 0
        return form.bar + form.line * above


@dataclass
class Row:
    """Bars that stand beside each other, at `y` from the top of their band."""

    y: float = 0
    placed: list[Placed] = field(default_factory=list)

    def has_room(self, other: Placed) -> bool:
        return all(
            other.left >= one.right + APART or other.right + APART <= one.left
            for one in self.placed
        )


def place(day: int, scale: DayScale, form: Form) -> float:
    return form.margin + (form.width - 2 * form.margin) * scale.place(day)


def shape(bar: Bar, scale: DayScale, form: Form) -> Shape:
    """Return where a bar stands. An end beyond the axis is open, as one that is not known."""
    start, end = bar.from_day, bar.to_day
    if start is None and bar.opens_at is not None and bar.opens_at < end:
        left = place(bar.opens_at, scale, form)
    elif start is None or start < scale.first:
        left = EDGE
    else:
        left = place(start, scale, form)
    opens_left = start is None or start < scale.first
    opens_right = end is None or end > scale.last
    right = form.width - EDGE if opens_right else place(end, scale, form)
    if not opens_left and not opens_right and start == end:
        half = form.bar / 2
        return Shape(left - half, left + half, is_point=True)
    if right - left < LEAST_WIDTH:
        middle = (left + right) / 2
        left, right = middle - LEAST_WIDTH / 2, middle + LEAST_WIDTH / 2
    return Shape(left, right, opens_left, opens_right)


def placed(bar: Bar, scale: DayScale, form: Form) -> Placed:
    """Return a bar with its label: in it or beside it, above it if neither has room."""
    made = shape(bar, scale, form)
    needed, begin = text.width(bar.label, form.size), _label_begin(made, scale, form)
    room = form.width - EDGE - begin
    if form.labels_above:
        lines = text.wrap(bar.label, form.size, room)
        return Placed(bar, made, Stand.ABOVE, lines, begin, 0, form.width)
    # The tip of an open end is no place for words.
    x = made.left + PAD + (form.bar / 2 if made.is_open_left else 0)
    if x + needed + PAD + (form.bar / 2 if made.is_open_right else 0) <= made.right:
        return Placed(bar, made, Stand.INSIDE, [bar.label], x, made.left, made.right)
    x = made.right + PAD
    if x + needed <= form.width - EDGE:
        return Placed(bar, made, Stand.BESIDE, [bar.label], x, made.left, x + needed)
    x = made.left - PAD
    if x - needed >= begin:
        return Placed(
            bar, made, Stand.BESIDE, [bar.label], x, x - needed, made.right, ends_at_x=True
        )
    lines = text.wrap(bar.label, form.size, room)
    # As near to its bar as the edge of the picture allows.
    x = max(begin, min(made.left, form.width - EDGE - needed))
    return Placed(bar, made, Stand.ABOVE, lines, x, 0, form.width)


def _label_begin(made: Shape, scale: DayScale, form: Form) -> float:
    """Return where the label of a bar may begin at the left: not across the line of day 0.

    Only what begins before that day may cross it, and a narrow picture in which it is far from the
    edge, since there the labels need the whole width.
    """
    zero = place(0, scale, form)
    is_behind = made.left >= zero and (not form.labels_above or scale.first >= 0)
    return zero + PAD if is_behind else EDGE


def rows(bars: list[Bar], scale: DayScale, form: Form) -> tuple[list[Row], float]:
    """Return bars in rows from the top, and the height of all of them together."""
    found: list[Row] = []
    for one in (placed(bar, scale, form) for bar in bars):
        _row_for(one, found, form).placed.append(one)
    # A label that stands above its bar would touch the axis.
    y = form.gap / 2 if form.labels_above else 0.0
    for row in found:
        row.y = y
        y += max(one.height(form) for one in row.placed) + form.gap
    return found, y


def _row_for(one: Placed, found: list[Row], form: Form) -> Row:
    if form.shares_rows and one.stand is not Stand.ABOVE:
        for row in found:
            if row.has_room(one):
                return row
    found.append(Row())
    return found[-1]


def ticks(scale: DayScale, form: Form) -> list[tuple[float, int, str]]:
    """Return place, day and label of each tick; the label is "" where there is no room for it."""
    return _ticks(scale, form, window(0, 0))


@cache
def _ticks(scale: DayScale, form: Form, day_zero: str) -> list[tuple[float, int, str]]:
    # The only words are given, since what is kept here serves pages in every language.
    found: list[tuple[float, int, str]] = []
    taken: list[tuple[float, float]] = []
    for tick in scale.ticks:
        words = day(tick) if tick else day_zero
        x, half = place(tick, scale, form), text.width(words, form.tick_size) / 2
        is_free = all(x - half >= right + 4 or x + half + 4 <= left for left, right in taken)
        if is_free:
            taken.append((x - half, x + half))
        found.append((x, tick, words if is_free else ""))
    return found

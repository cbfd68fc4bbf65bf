"""The evidence map: how many published statements of each topic, and of each area, have which
certainty. Counted from the same rows that the list of statements shows."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Func, Q, QuerySet

from topics.choices import Area, Certainty
from topics.desk import worklist
from topics.models import Listing, Statement

ROWS = 40
GRADES = list(Certainty)
ORDERS = {
    "title": ("By name", ("title", "pk")),
    "ungraded": ("Most statements not graded first", ("-ungraded", "title")),
    "weak": ("Most statements of low and very low certainty first", ("-weak", "title")),
    "high": ("Most statements of high certainty first", ("-high", "title")),
}


@dataclass(frozen=True)
class Cell:
    """How many statements have a certainty, and their share of the row in per cent.

    `x` is where its part of the bar begins.
    """

    grade: Certainty
    number: int
    share: float
    x: float

    @property
    def strength(self) -> int:
        """How dark a cell is, from 0 to 4."""
        return 0 if not self.number else min(4, 1 + int(self.share // 25))

    @property
    def percent(self) -> str:
        return f"{self.share:.0f}\u00a0%" if self.share >= 1 else "under 1\u00a0%"


@dataclass(frozen=True)
class Line:
    """A row of the map: a topic, an area, or all together. `of` narrows the list to it."""

    name: str
    cells: list[Cell]
    of: dict
    number: int


def listings(chosen: dict) -> QuerySet[Listing]:
    """Return what is published and fits, with the number of statements of each certainty."""
    found = Listing.objects.annotate(owner=worklist.owner("pk"))
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    if chosen.get("area"):
        found = found.filter(areas__contains=[chosen["area"]])
    if chosen.get("owner") == worklist.UNOWNED:
        found = found.filter(owner__isnull=True)
    elif chosen.get("owner"):
        found = found.filter(owner=chosen["owner"])
    return found


def page(chosen: dict, order: str, number) -> tuple[Page, list[Line]]:
    """Return a page of topics, and its rows."""
    counted = listings(chosen).annotate(
        weak=_count(Certainty.LOW, Certainty.VERY_LOW),
        **{_name(grade): _count(grade) for grade in GRADES},
    )
    counted = counted.only("title", "kind").order_by(*ORDERS[order][1])
    found = Paginator(counted, ROWS).get_page(number)
    lines = [
        line(one.title, {grade: getattr(one, _name(grade)) for grade in GRADES}, topic=one.pk)
        for one in found.object_list
    ]
    return found, lines


def areas(chosen: dict) -> list[Line]:
    """Return a row for each area that a topic that fits has, and one for all topics together."""
    fitting = Statement.objects.filter(listing__in=listings(chosen).values("pk")).order_by()
    by_area = fitting.annotate(area=Func(F("listing__areas"), function="unnest"))
    numbers: dict[str, dict[str, int]] = {}
    for area, grade, number in by_area.values_list("area", "certainty").annotate(n=Count("pk")):
        numbers.setdefault(area, {})[grade] = number
    every = dict(fitting.values_list("certainty").annotate(n=Count("pk")))
    lines = [line(str(area.label), numbers[area], area=area.value) for area in Area
             if area in numbers]  # fmt: skip
    return [line("All topics", every), *lines]


def line(name: str, numbers: dict[str, int], **of) -> Line:
    total = sum(numbers.values())
    cells, x = [], 0.0
    for grade in GRADES:
        number = numbers.get(grade, 0)
        share = 100 * number / total if total else 0.0
        cells.append(Cell(grade, number, round(share, 2), round(x, 2)))
        x += share
    return Line(name, cells, of, total)


def _count(*grades: str) -> Count:
    return Count("statements", filter=Q(statements__certainty__in=grades))


def _name(grade: str) -> str:
    return grade.replace("-", "_")

"""How many requests there were on each day, as bars drawn on the server."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet, Sum

WIDTH, HEIGHT = 720, 120


@dataclass(frozen=True)
class Bar:
    """A day. Its bar is as high as its number, and the highest as high as the chart."""

    day: date
    number: int
    x: float
    y: float
    width: float
    height: float


def of(found: QuerySet) -> dict | None:
    """Return a chart of the rows of `Usage` that were found, None if there are none."""
    numbers = dict(found.values_list("day").annotate(total=Sum("number")).order_by("day"))
    if not numbers:
        return None
    first, last = min(numbers), max(numbers)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    most, step = max(numbers.values()), WIDTH / len(days)
    bars = []
    for place, day in enumerate(days):
        number = numbers.get(day, 0)
        height = round(number / most * HEIGHT, 1)
        left, width = round(place * step, 1), round(max(1, min(step * 0.8, 24)), 1)
        bars.append(Bar(day, number, left, HEIGHT - height, width, height))
    return {"bars": bars, "most": most, "total": sum(numbers.values()), "first": first,
            "last": last, "width": WIDTH, "height": HEIGHT}  # fmt: skip

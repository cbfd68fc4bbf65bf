"""Axes of days, not to scale: the first weeks, in which most happens, get the most room."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True)
class DayScale:
    """A piecewise linear axis: `stops` are pairs of a day and its place, from 0 to 1.

    `ticks` are the days to be labelled, the most important first: where there is no room, those
    that come last are left out.
    """

    stops: tuple[tuple[int, float], ...]
    ticks: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.stops[0][0]

    @property
    def last(self) -> int:
        return self.stops[-1][0]

    def place(self, day: int) -> float:
        """Return the place of a day; one beyond an end has the place of that end."""
        day = min(max(day, self.first), self.last)
        after = min(bisect_right([stop for stop, _ in self.stops], day), len(self.stops) - 1)
        (start, low), (end, high) = self.stops[after - 1], self.stops[after]
        return low + (high - low) * (day - start) / (end - start)


COURSE = DayScale(
    stops=(
        (-30, 0), (-14, 0.07), (-7, 0.115), (0, 0.17), (7, 0.265), (14, 0.355), (28, 0.49),
        (60, 0.64), (100, 0.76), (180, 0.875), (365, 1),
    ),
    ticks=(0, -30, 365, 100, 28, 14, 7, 60, 180, -7, -14),
)  # fmt: skip

RECOVERY = DayScale(
    stops=(
        (0, 0), (7, 0.115), (14, 0.24), (21, 0.35), (28, 0.44), (60, 0.58), (100, 0.69),
        (180, 0.79), (365, 0.91), (730, 1),
    ),
    ticks=(0, 730, 100, 28, 14, 365, 60, 180, 7, 21),
)  # fmt: skip

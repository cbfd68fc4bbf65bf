"""The current editions of many topics, of those that are still there."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from topics import reading
from topics.reading import Reading, Readings

T = TypeVar("T")


def present(slugs: list[str]) -> Readings:
    """Return the current editions of topics, without those withdrawn a moment ago."""
    while slugs:
        try:
            return reading.several(slugs)
        except reading.NotPublished as gone:
            slugs = [slug for slug in slugs if slug != gone.args[0]]
    return Readings()


def of_one_moment(find: Callable[[], Iterable[str]], make: Callable[[dict[str, Reading]], T]) -> T:
    """Return what `make` makes of the editions of the topics that `find` finds, by their slugs."""

    def answer(readings: Readings) -> T:
        readings.load()
        return make({one.slug: one for one in readings})

    return reading.steadily(lambda: present(list(dict.fromkeys(find()))), answer)

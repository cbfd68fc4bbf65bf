"""How days are written. They are counted from the infusion, which is day 0.

Finding words in a language takes longer than all the rest, so who writes many days gives a `find`
that remembers (`therapies.words.Speech.find`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from hsc_portal.typography import MINUS

# Between a word and its number, so that no line ends there.
SPACE = "\N{NO-BREAK SPACE}"

Finder = Callable[[str], str]


def day(number: int) -> str:
    """Return a day as clinicians write it: `−8`, `0`, `+30`."""
    if number < 0:
        return f"{MINUS}{-number}"
    return f"+{number}" if number else "0"


@dataclass(frozen=True)
class Saying:
    """How a window is said that is open at its beginning, open at its end, one day long or closed.

    Messages to be looked up, with the days as `first` and `last`.
    """

    until: str
    since: str
    single: str
    closed: str

    def of(self, from_day: int | None, to_day: int | None, find: Finder) -> str:
        """Return a window in these words, “” if both ends are open."""
        if from_day is None and to_day is None:
            return ""
        if from_day is None:
            words = self.until
        elif to_day is None:
            words = self.since
        else:
            words = self.single if from_day == to_day else self.closed
        return _filled(find(words), from_day, to_day)


_ALONE = Saying(
    until=gettext_noop("Until day %(last)s"),
    since=gettext_noop("From day %(first)s"),
    single=gettext_noop("Day %(first)s"),
    # Translators: days are counted from the infusion of the cells: “Day −8 to −1”.
    closed=gettext_noop("Day %(first)s to %(last)s"),
)
_WITHIN = Saying(
    until=gettext_noop("until day %(last)s"),
    since=gettext_noop("from day %(first)s"),
    single=gettext_noop("day %(first)s"),
    # Translators: amid a sentence, as “Relapse: day +30 to +730”.
    closed=gettext_noop("day %(first)s to %(last)s"),
)
_SHORT = Saying(
    # Translators: days in a chart, behind the name of what goes on until then.
    until=gettext_noop("until %(last)s"),
    # Translators: days in a chart, behind the name of what begins then.
    since=gettext_noop("from %(first)s"),
    single="%(first)s",
    # Translators: days in a chart: “−8 to −1”.
    closed=gettext_noop("%(first)s to %(last)s"),
)


def window(from_day: int | None, to_day: int | None, find: Finder = gettext) -> str:
    """Return a span of days in words, as “Day −8 to −1”, “” if both ends are open."""
    return _ALONE.of(from_day, to_day, find)


def within(from_day: int | None, to_day: int | None, find: Finder = gettext) -> str:
    """Return a window as it stands within a sentence, as “Relapse: day +30 to +730”."""
    return _WITHIN.of(from_day, to_day, find)


def span(from_day: int | None, to_day: int | None, find: Finder = gettext) -> str:
    """Return a window in few words, as “−8 to −1”, “until −8” or “from +365”."""
    return _SHORT.of(from_day, to_day, find)


def start(from_day: int | None, to_day: int | None) -> int:
    """Return the day by which a span is sorted. One without a beginning stands before its end."""
    if from_day is not None:
        return from_day
    return to_day - 1 if to_day is not None else 0


def order(from_day: int | None, to_day: int | None) -> tuple[int, float]:
    """Return by what windows are sorted: of those that begin together the shortest is first."""
    return start(from_day, to_day), math.inf if to_day is None else to_day


def _filled(words: str, from_day: int | None, to_day: int | None) -> str:
    """Return words with their days, and no line's end between a word and its day."""
    ends = {"first": from_day, "last": to_day}
    days = {name: day(number) for name, number in ends.items() if number is not None}
    return words.replace(" %(", f"{SPACE}%(") % days

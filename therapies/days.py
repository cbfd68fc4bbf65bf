"""How days are written. They are counted from the infusion, which is day 0.

Finding words in a language takes longer than all the rest, so who writes many days gives a `_`
that remembers (`therapies.words.Speech.find`).
"""

from collections.abc import Callable

from django.utils.translation import gettext

MINUS = "−"
# Between a word and its number, so that no line ends there.
SPACE = "\N{NO-BREAK SPACE}"

Finder = Callable[[str], str]


def day(number: int) -> str:
    """Return a day as clinicians write it: `−8`, `0`, `+30`."""
    if number < 0:
        return f"{MINUS}{-number}"
    return f"+{number}" if number else "0"


def window(from_day: int | None, to_day: int | None, _: Finder = gettext) -> str:
    """Return a span of days in words, as “Day −8 to −1”, “” if both ends are open."""
    if from_day is None and to_day is None:
        return ""
    if from_day is None:
        words = _("Until day %(last)s")
    elif to_day is None:
        words = _("From day %(first)s")
    elif from_day == to_day:
        words = _("Day %(first)s")
    else:
        # Translators: days are counted from the infusion of the cells: “Day −8 to −1”.
        words = _("Day %(first)s to %(last)s")
    return _filled(words, from_day, to_day)


def within(from_day: int | None, to_day: int | None, _: Finder = gettext) -> str:
    """Return a window as it stands within a sentence, as “Relapse: day +30 to +730”."""
    if from_day is None and to_day is None:
        return ""
    if from_day is None:
        words = _("until day %(last)s")
    elif to_day is None:
        words = _("from day %(first)s")
    elif from_day == to_day:
        words = _("day %(first)s")
    else:
        # Translators: amid a sentence, as “Relapse: day +30 to +730”.
        words = _("day %(first)s to %(last)s")
    return _filled(words, from_day, to_day)


def start(from_day: int | None, to_day: int | None) -> int:
    """Return the day by which a span is sorted. One without a beginning stands before its end."""
    if from_day is not None:
        return from_day
    return to_day - 1 if to_day is not None else 0


def span(from_day: int | None, to_day: int | None, _: Finder = gettext) -> str:
    """Return a window in few words, as “−8 to −1”, “until −8” or “from +365”."""
    if from_day is None and to_day is None:
        return ""
    if from_day is None:
        # Translators: days in a chart, behind the name of what goes on until then.
        words = _("until %(last)s")
    elif to_day is None:
        # Translators: days in a chart, behind the name of what begins then.
        words = _("from %(first)s")
    elif from_day == to_day:
        return day(from_day)
    else:
        # Translators: days in a chart: “−8 to −1”.
        words = _("%(first)s to %(last)s")
    return _filled(words, from_day, to_day)


def _filled(words: str, from_day: int | None, to_day: int | None) -> str:
    """Return words with their days, and no line's end between a word and its day."""
    ends = {"first": from_day, "last": to_day}
    days = {name: day(number) for name, number in ends.items() if number is not None}
    return words.replace(" %(", f"{SPACE}%(") % days

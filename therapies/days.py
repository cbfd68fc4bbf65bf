"""How days are written. They are counted from the infusion, which is day 0."""

MINUS = "−"
# Between a word and its number, so that no line ends there.
SPACE = "\N{NO-BREAK SPACE}"


def day(number: int) -> str:
    """Return a day as clinicians write it: `−8`, `0`, `+30`."""
    if number < 0:
        return f"{MINUS}{-number}"
    return f"+{number}" if number else "0"


def window(from_day: int | None, to_day: int | None) -> str:
    """Return a span of days in words, as “Day −8 to −1”, “” if both ends are open."""
    if from_day is None and to_day is None:
        return ""
    if from_day is None:
        return f"Until day{SPACE}{day(to_day)}"
    if to_day is None:
        return f"From day{SPACE}{day(from_day)}"
    if from_day == to_day:
        return f"Day{SPACE}{day(from_day)}"
    return f"Day{SPACE}{day(from_day)} to{SPACE}{day(to_day)}"


def start(from_day: int | None, to_day: int | None) -> int:
    """Return the day by which a span is sorted. One without a beginning stands before its end."""
    if from_day is not None:
        return from_day
    return to_day - 1 if to_day is not None else 0


def span(from_day: int | None, to_day: int | None) -> str:
    """Return a window in few words, as “−8 to −1”, “until −8” or “from +365”."""
    if from_day is None:
        return "" if to_day is None else f"until {day(to_day)}"
    if to_day is None:
        return f"from {day(from_day)}"
    return day(from_day) if from_day == to_day else f"{day(from_day)} to {day(to_day)}"

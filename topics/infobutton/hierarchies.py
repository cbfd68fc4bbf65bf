"""Which codes stand above one: in ICD and ATC the beginning of a code is its class."""

import re

from topics import codesystems
from topics.choices import CODE_FORMS, CodeSystem

_ICD = (CodeSystem.ICD_10, CodeSystem.ICD_10_CM)
# Signs of an ATC code at its upper levels.
_ATC_LEVELS = (5, 4, 3)


def above(code: str, system: CodeSystem) -> list[str]:
    """Return the codes above one, the nearest first; none if it has not the terminology's form.

    >>> above("C9201", CodeSystem.ICD_10_CM)
    ['C92.0', 'C92']
    >>> above("C92.0; and more", CodeSystem.ICD_10_CM)
    []
    """
    if system not in (*_ICD, CodeSystem.ATC):
        return []
    written = codesystems.spellings(code, system)[-1].upper()
    if not re.fullmatch(CODE_FORMS[system][0], written, re.ASCII):
        return []
    if system == CodeSystem.ATC:
        return [written[:length] for length in _ATC_LEVELS if length < len(written)]
    category, point, rest = written.partition(".")
    # Some of WHO's codes are ranges, which have nothing above them.
    if not point or "-" in written:
        return []
    return [f"{category}.{rest[:length]}" for length in range(len(rest) - 1, 0, -1)] + [category]


def is_next_below(code: str, above: str, system: CodeSystem) -> bool:
    """Return whether a code of ICD is one above it with one digit more, as C92.01 of C92.0."""
    written = codesystems.spellings(code, system)[-1].upper()
    return system in _ICD and bool(re.fullmatch(rf"{re.escape(above)}\.?\d", written, re.ASCII))

"""How words are set, whatever they say."""

import re

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

NO_BREAK = "\u00a0"
# A few capitals before or after a hyphen: T-cell, X-linked, G-CSF, HLA-A, CAR-T, MPS-1H.
SHORT_NAME = re.compile(r"(?<![\w&;-])(?:[A-Z]{1,2}-[A-Za-z]{1,12}|[A-Z]{2,4}-[A-Z0-9]{1,4})\b")


def held(words: str) -> SafeString:
    """Return words as HTML in which short names with a hyphen stay on one line.

    By an element, and not by a hyphen that does not break: who searches the page, or copies from
    it, gets the letters that were written.

    >>> held("After G-CSF")
    'After <span class="nb">G-CSF</span>'
    """
    return mark_safe(SHORT_NAME.sub(r'<span class="nb">\g<0></span>', conditional_escape(words)))


MINUS, DASH, TIMES = "−", "–", "×"
# Before a number, where nothing stands before it that would make it part of a name.
_MINUS = re.compile(r"(?<![^\s(\[/–])-(?=\d)")
# Two numbers with a hyphen that are no date and no part of a name.
_NUMBER = r"\d+(?:[.,]\d+)*"
_TWO_NUMBERS = re.compile(rf"(?<![\w.,/+-])({_NUMBER})(%?)-({_NUMBER})(?![\w/-])(?![.,]\d)")
# What makes numbers behind it a code or a telephone number: another number or code, as in
# “+49 30 555-1234” and “NCT01 12-34”, or the name of a register or number.
_BEFORE_CODES = re.compile(
    r"(?:[0-9][)+]?|\b(?:CTN|NCT|EudraCT|ISRCTN|DRKS|ISBN|ISSN|PMID|DOI|[Nn]o\.?|[Nn]r\.?|[Nn]umber"
    r"|[Tt]rial|[Pp]rotocol|[Tt]el\.?|[Tt]elephone|[Pp]hone|[Ff]ax|[Cc]all):?)[ \u00a0]$"
)
# As far back as the longest of these words reaches.
_BACK = 16
# A lone x between two things that are multiplied.
_TIMES = re.compile(r"(?<=[\w)%] )x(?= [\w(])")


def typeset(words: str) -> str:
    """Return words of the content with true minus signs, dashes in ranges and times signs.

    Editors type what their keyboard has, and old editions keep what was typed for ever. So it is
    put right where it is shown, not where it is written.

    >>> typeset("LDH x creatinine, days -8 to -1, 13-15 years, CD34-1, 2027-11-22")
    'LDH × creatinine, days −8 to −1, 13–15 years, CD34-1, 2027-11-22'
    """
    if "-" in words:
        words = _TWO_NUMBERS.sub(_dashed, _MINUS.sub(MINUS, words))
    return _TIMES.sub(TIMES, words) if " x " in words else words


def _dashed(found: re.Match) -> str:
    """Return two numbers with a dash if they are a range, else as they stand."""
    first, percent, last = found.groups()
    before = found.string[max(0, found.start() - _BACK) : found.start()]
    is_range = _can_be_range(first, last) and not _BEFORE_CODES.search(before)
    return f"{first}{percent}{DASH}{last}" if is_range else found.group()


def _can_be_range(first: str, last: str) -> bool:
    """Return whether two numbers rise, as those of a range do, and look like no code."""
    if any(re.match(r"0\d", number) for number in (first, last)):
        return False
    lower, upper = map(_value, (first, last))
    # “555-1234” is how telephones are called; amounts of that size are round.
    is_called = (len(first), len(last)) == (3, 4) and (lower % 10 or upper % 10)
    return lower < upper and not is_called


def _value(number: str) -> float:
    """Return the value of a number in which a comma parts thousands or, elsewhere, decimals.

    A text that is no such number, as 1.2.3, has no value: it is neither more nor less than others.
    """
    whole = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number)
    plain = number.replace(",", "" if whole else ".")
    return float(plain) if plain.count(".") < 2 else float("nan")

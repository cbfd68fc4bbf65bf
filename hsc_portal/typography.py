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
# Between two numbers that are no date, no code and no part of a name.
_RANGE = re.compile(r"(?<![\w.,/-])(\d+(?:[.,]\d+)?%?)-(?=\d+(?:[.,]\d+)?(?![\w/-])(?!\.\d))")
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
        words = _RANGE.sub(rf"\1{DASH}", _MINUS.sub(MINUS, words))
    return _TIMES.sub(TIMES, words) if " x " in words else words

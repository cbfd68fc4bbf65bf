"""Words that go into XML: some signs of a text cannot stand there at all."""

import re

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def writable(words: str) -> str:
    r"""Return words without signs that XML cannot hold.

    >>> writable("a\x0bb")
    'ab'
    """
    return _UNWRITABLE.sub("", words)

"""Texts as word pieces, in small letters: what models of the BERT family read (Devlin et al. 2018).

The usual library for it brings a client for a hub of models and all that this needs; the way from
words to pieces itself is short, and fixed for good by the models that were trained with it.
"""

import unicodedata
from functools import cache
from pathlib import Path

VOCABULARY = Path(__file__).parent / "minilm" / "vocab.txt"
# A word that is longer has no pieces.
LONGEST_WORD = 100
BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
IDEOGRAPHS = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def pieces(text: str, most: int) -> list[int]:
    """Return the numbers of at most so many pieces of a text, those of its two ends included."""
    known = _vocabulary()
    found = [known[BEGIN]]
    for word in _spaced(text).split():
        found += _of_word(word)
        if len(found) >= most:
            break
    return [*found[: most - 1], known[END]]


@cache
def _vocabulary() -> dict[str, int]:
    lines = VOCABULARY.read_text(encoding="utf-8").split("\n")
    return {piece: number for number, piece in enumerate(lines) if piece}


def _spaced(text: str) -> str:
    """Return a text in small letters without accents, with spaces around all that stands alone."""
    letters = unicodedata.normalize("NFD", "".join(map(_cleaned, text)))
    plain = (letter for letter in letters if unicodedata.category(letter) != "Mn")
    return "".join(f" {one} " if _is_punctuation(one) else one for one in "".join(plain).lower())


def _cleaned(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
        return " "
    if letter == "\ufffd" or unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Co", "Cs"}:
        return ""
    if any(first <= ord(letter) <= last for first, last in IDEOGRAPHS):
        return f" {letter} "
    return letter


def _is_punctuation(letter: str) -> bool:
    if letter.isascii():
        return letter.isprintable() and not letter.isalnum() and letter != " "
    return unicodedata.category(letter).startswith("P")


def _of_word(word: str) -> list[int]:
    """Return the pieces of a word: each time the longest that is known and fits."""
    known = _vocabulary()
    found, start = [], 0
    while start < len(word) <= LONGEST_WORD:
        prefix = "##" if start else ""
        end = len(word)
        while end > start and prefix + word[start:end] not in known:
            end -= 1
        if end == start:
            return [known[UNKNOWN]]
        found.append(known[prefix + word[start:end]])
        start = end
    return found or [known[UNKNOWN]]

"""By what a publication is known again, and the key that it gets, both read from its CSL-JSON."""

import re
import unicodedata

from references import csl as reading

KEY_LENGTH = 40
# Letters that are not another one with a mark.
_LETTERS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "ı": "i", "þ": "th"}


def fingerprint(csl: dict) -> str:
    """Return year, first author, and letters and digits of the title: alike for the same work."""
    title = signs(str(csl.get("title", "")))
    return f"{reading.year(csl) or ''}|{_letters(_first_author(csl))[:30]}|{title[:200]}"


def signs(text: str) -> str:
    """Return letters and digits of a text, by which words are compared that are written alike."""
    return re.sub(r"[\W_]+", "", _plain(text))


def key_of(csl: dict) -> str:
    """Return the key that a publication has if no other has it: `smith2020`."""
    word = _first_author(csl) or str(csl.get("title", ""))
    return f"{_letters(word)[:KEY_LENGTH] or 'anonymous'}{reading.year(csl) or ''}"


def _first_author(csl: dict) -> str:
    people = csl.get("author") or csl.get("editor") or [{}]
    return people[0].get("family") or people[0].get("literal") or ""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", _plain(text))


def _plain(text: str) -> str:
    """Return text in lower case, its letters without marks."""
    text = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    folded = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in folded if not unicodedata.combining(letter))

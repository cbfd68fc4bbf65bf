"""What an identifier is, told by its form: bare, with its name before it, or in an address."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ValidationError

from references.formats import reading

NAMES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "isbn": "ISBN", "nct": "NCT number"}
EXAMPLES = "10.1056/NEJMra052638, PMID 16625008, PMC4830270, ISBN 978-0-306-40615-7, NCT00103662"

_PMID = re.compile(r"(?:pmid\s*[:#]?\s*)?([1-9]\d{0,8})", re.I)
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d+)", re.I)
_PMCID = re.compile(r"(?:pmc(?:id)?\s*[:#]?\s*)?(PMC[1-9]\d{0,9})(?:\.\d+)?", re.I)
_PMC = re.compile(r"/articles/(PMC\d+)", re.I)
_NCT = re.compile(r"\b(NCT\d{8})\b", re.I)
_ISBN = re.compile(r"(?:urn:)?isbn(?:-1[03]|\s1[03](?=:))?\s*[:#]?\s*", re.I)
_ADDRESS = re.compile(r"https?://", re.I)
# What publishers put behind the DOI in the addresses of their pages, and preprint servers besides.
_BEHIND = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|meta|fulltext|html|summary))+(?:[./-](?:pdf|text|html))?/?$",
    re.I,
)
_VERSION = re.compile(r"v\d+(?:\.[a-z.-]+)?$", re.I)
# Older ones have brackets of all kinds within.
_WHOLE_DOI = re.compile(r"(?:doi\s*:?\s*)?(10\.\d{4,9}/\S+)", re.I)
_RESOLVERS = ("doi.org", "dx.doi.org", "www.doi.org")


@dataclass(frozen=True)
class Identifier:
    """What a publication is known by: `kind` is one of NAMES, `value` in its one form."""

    kind: str
    value: str

    def __str__(self):
        bare = self.kind in ("doi", "pmcid", "nct")
        return self.value if bare else f"{NAMES[self.kind]} {self.value}"


def recognise(text: str) -> Identifier:
    """Return the identifier that a text is.

    >>> recognise("https://pubmed.ncbi.nlm.nih.gov/16625008/")
    Identifier(kind='pmid', value='16625008')

    Raises ValidationError with what is wrong, as a check digit.
    """
    text = reading.tidy(text).strip(" .,;\"'“”<>")
    for found in (_doi(text), _of_pubmed(text), _trial(text), _isbn(text)):
        if found:
            return found
    raise ValidationError(f"“{text[:80]}” is no identifier that is known here, as {EXAMPLES}.")


def _doi(text: str) -> Identifier | None:
    if _ADDRESS.match(text):
        return next(filter(None, map(_doi, _of_address(text))), None)
    whole = _WHOLE_DOI.fullmatch(text)
    value = whole[1] if whole and "<" in text else reading.doi(text)
    return Identifier("doi", value.lower()) if value else None


def _of_address(text: str) -> list[str]:
    """Return the parts of an address that may be a DOI."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return []
    path, host = unquote(parts.path).strip("/"), parts.hostname or ""
    if host in _RESOLVERS:
        return [path]
    path = _BEHIND.sub("", path)
    if "rxiv" in host:
        path = _VERSION.sub("", path)
    return [path, *(value for _, value in parse_qsl(parts.query))]


def _of_pubmed(text: str) -> Identifier | None:
    if found := _PMCID.fullmatch(text) or _PMC.search(text):
        return Identifier("pmcid", found[1].upper())
    if found := _PMID.fullmatch(text) or _PUBMED.search(text):
        return Identifier("pmid", found[1].lstrip("0")) if reading.pmid(found[1]) else None
    return None


def _trial(text: str) -> Identifier | None:
    found = _NCT.search(text)
    return Identifier("nct", found[1].upper()) if found else None


def _isbn(text: str) -> Identifier | None:
    bare, named = _ISBN.subn("", text, count=1)
    value = re.sub(r"[\s‐‑‒–—-]", "", bare).upper()
    if not re.fullmatch(r"\d{9}[\dX]|\d{13}", value):
        if named:
            raise ValidationError(f"“{text[:80]}” is no ISBN: it has 10 or 13 digits.")
        return None
    if not has_check_digit(value):
        raise ValidationError(f"“{text[:80]}” is no ISBN: its last digit does not fit the others.")
    return Identifier("isbn", thirteen(value))


def has_check_digit(isbn: str) -> bool:
    """Return whether the last digit of an ISBN without hyphens is what the others make it.

    ISBN-10: weights 10 to 1, modulo 11, X is 10. ISBN-13: weights 1 and 3 in turn, modulo 10.
    """
    numbers = [10 if letter == "X" else int(letter) for letter in isbn]
    if len(isbn) == 10:
        return sum(n * w for n, w in zip(numbers, range(10, 0, -1), strict=True)) % 11 == 0
    is_book = isbn.startswith(("978", "979"))
    return is_book and sum(n * (1, 3)[i % 2] for i, n in enumerate(numbers)) % 10 == 0


def thirteen(isbn: str) -> str:
    """Return an ISBN with thirteen digits."""
    if len(isbn) == 13:
        return isbn
    stem = f"978{isbn[:9]}"
    total = sum(int(digit) * (1, 3)[i % 2] for i, digit in enumerate(stem))
    return f"{stem}{-total % 10}"

"""Open Library: books by ISBN. It needs no key; Crossref knows only books that have a DOI.

https://openlibrary.org/dev/docs/api/books, GET /api/books?bibkeys=ISBN:…&jscmd=data
"""

import re

from references.formats import reading
from references.registries import answers

NAME, LABEL, ACCEPT, AT_ONCE = "openlibrary", "Open Library", "json", 50
_PARTICLE = re.compile(r"(?:van|von|der|den|de|di|da|del|della|la|le|ter|ten)$", re.I)


def address(values: list[str]) -> str:
    keys = ",".join(f"ISBN:{value}" for value in values)
    asked = answers.query(bibkeys=keys, format="json", jscmd="data")
    return f"{answers.base(NAME)}/api/books?{asked}"


def read(body: bytes, values: list[str]) -> dict[str, dict]:
    books = answers.object_of(body)
    given = {value: books.get(f"ISBN:{value}") for value in values}
    return {value: _item(book, value) for value, book in given.items() if book}


def _item(book: dict, isbn: str) -> dict:
    title, subtitle = reading.tidy(book.get("title")), reading.tidy(book.get("subtitle"))
    found = {
        "type": "book",
        "title": reading.without_stop(f"{title}: {subtitle}" if subtitle else title),
        "author": [person(each["name"]) for each in book.get("authors") or []],
        "publisher": _name(book.get("publishers")),
        "publisher-place": _name(book.get("publish_places")),
        "issued": reading.issued(book.get("publish_date")),
        "number-of-pages": str(book.get("number_of_pages") or ""),
        "ISBN": isbn,
    }
    return reading.finish(found)


def person(name: str) -> dict:
    """Return a name that is written `Given Family`; a particle before the family belongs to it.

    >>> person("Rainer van den Storb")
    {'family': 'van den Storb', 'given': 'Rainer'}
    """
    words = reading.tidy(name).split()
    if "," in name or len(words) not in (2, 3, 4) or reading.is_group(name):
        return reading.person(name)
    cut = len(words) - 1
    while cut > 1 and _PARTICLE.fullmatch(words[cut - 1]):
        cut -= 1
    return reading.named(" ".join(words[cut:]), " ".join(words[:cut]))


def _name(found: list | None) -> str:
    return reading.tidy(found[0].get("name")) if found else ""

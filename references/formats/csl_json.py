"""CSL-JSON, the form in which the library keeps publications: nothing of it is lost."""

import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from references.formats import reading
from references.formats.records import Record, Unreadable, read_all, refused

MOST_BYTES = 50_000_000
NAMES = ("author", "editor", "translator", "collection-editor", "container-author")
# What is told in numbers by some and as text by others.
# Of what Crossref lists though there is one, and its words for what CSL has others for.
LISTED = ("title", "container-title", "publisher", "volume", "issue", "page", "DOI", "PMID")
TYPES = {
    "journal-article": "article-journal", "proceedings-article": "paper-conference",
    "book-chapter": "chapter", "monograph": "book", "edited-book": "book",
    "posted-content": "article", "dissertation": "thesis",
}  # fmt: skip
TEXTS = ("volume", "issue", "page", "edition", "PMID", "PMCID", "DOI", "number", "title")


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read an array of items, or one. Raises Unreadable if it is no JSON."""
    try:
        data = json.loads(read_all(stream, MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"This is no JSON: {error}") from error
    if isinstance(data, dict) and isinstance(data.get("message"), dict):
        # An answer of Crossref, as it came.
        data = data["message"]
    if isinstance(data, dict):
        data = data["items"] if isinstance(data.get("items"), list) else [data]
    if not isinstance(data, list):
        raise Unreadable("CSL-JSON is an array of objects.")
    for number, given in enumerate(data, 1):
        yield _record(number, given)


def _record(number: int, given: object) -> Record:
    if not isinstance(given, dict):
        return refused(number, "It is no JSON object.")
    given = unlisted(given)
    title = given.get("title")
    if not isinstance(title, str) or not reading.tidy(title):
        return refused(number, "It has no title.")
    try:
        return Record(number, _item(given), key=str(given.get("id") or ""))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        return refused(number, f"It is not CSL-JSON: {error}", title)


def unlisted(given: dict) -> dict:
    """Return an item of Crossref's own form as CSL has it: each title is one, and so on."""
    item = dict(given)
    if isinstance(given.get("type"), str):
        item["type"] = TYPES.get(given["type"], given["type"])
    for name in LISTED:
        if isinstance(given.get(name), list):
            item[name] = next((one for one in given[name] if isinstance(one, str)), "")
    short = item.pop("short-container-title", None)
    if isinstance(short, list) and short and "container-title-short" not in item:
        item["container-title-short"] = short[0]
    elif short is not None and not isinstance(short, list):
        item["short-container-title"] = short
    for role in NAMES:
        if isinstance(item.get(role), list):
            item[role] = [_named(person) for person in item[role]]
    return item


def _named(person):
    """Return a name whose group Crossref calls by `name`."""
    if isinstance(person, dict) and person.get("name") and "literal" not in person:
        is_group = not person.get("family")
        return {"literal": person["name"]} if is_group else person
    return person


def _item(given: dict) -> dict:
    item = {name: clean(value) for name, value in given.items() if name != "id"}
    item["title"] = reading.tidy(given["title"])
    item.setdefault("type", "document")
    for name in TEXTS:
        if isinstance(item.get(name), int | float):
            item[name] = f"{item[name]:g}" if isinstance(item[name], float) else str(item[name])
    for role in NAMES:
        if role in item:
            item[role] = [_person(person) for person in item[role]]
    if "issued" in item:
        item["issued"] = _issued(item["issued"])
    if "DOI" in item:
        item["DOI"] = reading.doi(item["DOI"])
    for name, number in (("PMID", reading.pmid), ("PMCID", reading.pmcid)):
        if name in item:
            item[name] = number(item[name])
    return reading.finish(item)


def clean(value):
    """Return a value without characters that a database cannot keep."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {clean(name): clean(one) for name, one in value.items()}
    return value


def _person(person: dict) -> dict:
    if not isinstance(person, dict) or not (person.get("family") or person.get("literal")):
        raise ValueError("a name has neither family nor literal")
    return person


def _issued(given: dict | str) -> dict | None:
    if isinstance(given, str):
        return reading.issued(given)
    if parts := given.get("date-parts"):
        return given | {"date-parts": [[int(part) for part in one if part] for one in parts if one]}
    return reading.issued(given.get("raw") or given.get("literal") or "")


def write(items: Iterable[dict]) -> Iterator[str]:
    """Write an array of items, each of its own words unchanged."""
    yield "["
    separator = "\n"
    for item in items:
        text = json.dumps(item, ensure_ascii=False, indent=1, sort_keys=True)
        yield f"{separator} " + text.replace("\n", "\n ")
        separator = ",\n"
    yield "\n]\n"

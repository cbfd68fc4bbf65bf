"""A publication as the fields of a form, read from its CSL-JSON and written into it again.

What is not touched in the form stays in the CSL-JSON as it was, in whatever shape that is: names
with particles, seasons, lists, and all members that the form has no field for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from references import shapes
from references.formats import reading, writing

KINDS = {
    "article-journal": "Journal article", "article": "Preprint", "book": "Book",
    "chapter": "Chapter of a book", "report": "Report", "paper-conference": "Conference paper",
    "thesis": "Thesis", "dataset": "Data set", "webpage": "Page of the web",
    "legislation": "Law or regulation", "document": "Other document",
}  # fmt: skip
CUT = "et al."
LICENSE = "abstract_license"
_DATE = re.compile(r"(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_CUT_LINE = re.compile(r"(?:and )?(?:et\.? al\.?|others|…|\.\.\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """How a field is read from an item, and how its words are written into one."""

    read: Callable[[dict], str]
    write: Callable[[dict, str], dict]


def _text(name: str) -> Part:
    def read(item: dict) -> str:
        value = item.get(name)
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(one) for one in values if one not in (None, "")).strip()

    return Part(read, lambda item, words: _with(item, name, words))


def _with(item: dict, name: str, value: object) -> dict:
    """Return an item with a member, or without it if that is empty."""
    rest = {key: one for key, one in item.items() if key != name}
    return rest | {name: value} if value else rest


def _in_custom(item: dict, name: str, value: object) -> dict:
    return _with(item, "custom", _with(item.get("custom") or {}, name, value))


def _date_read(item: dict) -> str:
    dates = (item.get("issued") or {}).get("date-parts") or [[]]
    return "-".join(f"{int(part):02}" for part in (dates[0] if dates else []) if part)


def _date_write(item: dict, words: str) -> dict:
    found = _DATE.fullmatch(words)
    if words and not (found and _is_day([int(part) for part in found.groups() if part])):
        raise ValidationError(f"“{words}” is no date. Write 2013, 2013-08 or 2013-08-23.")
    parts = [int(part) for part in found.groups() if part] if found else []
    return _with(item, "issued", {"date-parts": [parts]} if parts else None)


def _is_day(parts: list[int]) -> bool:
    try:
        date(*[*parts, 1, 1][:3])
    except ValueError:
        return False
    return True


def _line(person: dict) -> str:
    """Return a name as a line: `Family, Given, Suffix`, or that of an institution as it is."""
    if literal := person.get("literal"):
        return f"“{literal}”" if "," in literal or reading.is_abbreviated(literal) else literal
    parts = [writing.family(person), person.get("given") or "", person.get("suffix") or ""]
    text = ", ".join(parts).rstrip(", ")
    return text if "," in text else f"{text},"


def _names(role: str) -> Part:
    def read(item: dict) -> str:
        lines = [_line(person) for person in item.get(role) or []]
        cut = [CUT] if role == "author" and lines and writing.is_cut(item) else []
        return "\n".join([*lines, *cut])

    def write(item: dict, words: str) -> dict:
        lines = [line for line in map(str.strip, words.splitlines()) if line]
        was = {_line(person): person for person in item.get(role) or []}
        named = [line for line in lines if not _CUT_LINE.fullmatch(line)]
        if len(named) != len(lines) and role != "author":
            raise ValidationError(f"Leave out “{CUT}”: it can only follow authors.")
        made = _with(item, role, [was.get(line) or _person(line) for line in named])
        cut = bool(named) and len(named) != len(lines)
        return _in_custom(made, "authors_truncated", cut) if role == "author" else made

    return Part(read, write)


def _person(line: str) -> dict:
    if quoted := re.fullmatch(r"[“\"„](.+)[”\"“]", line):
        return {"literal": quoted[1].strip()}
    if ";" in line:
        raise ValidationError(f"“{line}”: write each name on a line of its own.")
    family, comma, rest = (part.strip() for part in line.partition(","))
    if not comma and reading.is_abbreviated(line):
        told = reading.person(line)
        raise ValidationError(
            f"“{line}” may be a person: write “{told['family']}, {told['given']}”; "
            f"an institution of that name stands in quotation marks."
        )
    if not comma:
        return {"literal": family}
    if not family:
        raise ValidationError(f"“{line}” has no family name before the comma.")
    given, _, suffix = (part.strip() for part in rest.partition(","))
    return reading.named(family, given, suffix)


PARTS = {
    "type": _text("type"),
    "title": _text("title"),
    "author": _names("author"),
    "editor": _names("editor"),
    "container": _text("container-title"),
    "short": _text("container-title-short"),
    "issued": Part(_date_read, _date_write),
    "volume": _text("volume"),
    "issue": _text("issue"),
    "page": _text("page"),
    "publisher": _text("publisher"),
    "doi": _text("DOI"),
    "pmid": _text("PMID"),
    "pmcid": _text("PMCID"),
    "isbn": _text("ISBN"),
    "url": _text("URL"),
    "language": _text("language"),
    "abstract": _text("abstract"),
    "license": Part(
        lambda item: str((item.get("custom") or {}).get(LICENSE) or "").strip(),
        lambda item, words: _in_custom(item, LICENSE, words),
    ),
}


def fields_of(item: dict) -> dict[str, str]:
    """Return the words of each field, none of an item that cannot be read."""
    if shapes.faults(item):
        return dict.fromkeys(PARTS, "")
    return {name: part.read(item) for name, part in PARTS.items()}


def lacking(item: dict) -> list[str]:
    """Return what nobody can find a publication without, as far as it is missing."""
    where = ("container-title", "publisher", "URL", "DOI", "PMID", "PMCID", "ISBN", "number")
    told = {
        "authors or editors": item.get("author") or item.get("editor"),
        "a year": writing.date_parts(item),
        "a journal, book, publisher, address or identifier": any(map(item.get, where)),
    }
    return [words for words, is_there in told.items() if not is_there]

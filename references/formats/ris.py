"""RIS, the format of most reference managers. https://en.wikipedia.org/wiki/RIS_(file_format)

Reading is by rispy, after each record was cut out of the stream, so that a file of any length takes
the memory of one record. The format has no place for particles of names apart from the family, for
`custom`, and for types that its table lacks; a comma in the name of a group becomes a space.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from rispy import RisParser
from rispy.config import TAG_KEY_MAPPING

from references.formats import reading, writing
from references.formats.records import Record, is_too_long, numbered_lines, refused

# CSL type → RIS type, as Zotero has it.
TYPES = {
    "article": "UNPB",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "bill": "BILL",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "document": "GEN",
    "entry-dictionary": "DICT",
    "entry-encyclopedia": "ENCYC",
    "legislation": "STAT",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "report": "RPRT",
    "software": "COMP",
    "standard": "STAND",
    "thesis": "THES",
    "webpage": "ELEC",
}
# RIS types that other programs write for the same.
READ_TYPES = {tag: name for name, tag in TYPES.items()} | {
    "ABST": "article-journal", "ADVS": "document", "CONF": "paper-conference", "EBOOK": "book",
    "ECHAP": "chapter", "EDBOOK": "book", "EJOUR": "article-journal", "GOVDOC": "report",
    "INPR": "article-journal", "JFULL": "article-journal", "SER": "book", "BLOG": "webpage",
}  # fmt: skip
# Whose authors, titles and containers may hold no asterisk, says the format.
NO_ASTERISK = {"AU", "ED", "T2"}

_LINE = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])\s{1,2}-(?:\s?(.*))?$")
# Tags that rispy calls by names; here each goes by its own, and may come several times.
_TAGS = {tag: tag for tag in TAG_KEY_MAPPING} | {
    tag: tag for tag in ("ED", "TT", "CT", "BT", "JA", "JO", "J1", "J2", "L3", "CP", "A5")
}


class _Parser(RisParser):
    """All values of each tag, those of wrapped lines joined to what they continue."""

    DEFAULT_MAPPING = _TAGS
    DEFAULT_LIST_TAGS = tuple(_TAGS)
    DEFAULT_DELIMITER_MAPPING = {}

    def _iter_till_start(self, lines) -> dict:
        found = super()._iter_till_start(lines)
        return {"TY": [found["TY"]]}

    def _add_tag(self, record, tag, content, extend_multiline=False):
        if extend_multiline and content and record.get(tag):
            record[tag][-1] = f"{record[tag][-1]} {content}".strip()
        elif tag and not extend_multiline:
            super()._add_tag(record, tag, content)


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read a file of RIS, record by record."""
    for place, lines, fault in _cut(numbered_lines(stream)):
        (found,) = _Parser().parse("\n".join(lines)) or [{}]
        fields = defaultdict(list, found)
        title = _title(fields)
        if fault or not title:
            yield refused(place, fault or "It has no title (TI, T1).", title)
        else:
            yield Record(place, _item(fields, title), key=_first(fields, "ID"))


def _cut(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str], str]]:
    """Return the lines of each record in one form, with a fault if they are too long.

    A record ends with ER, or where one without it is followed by the next TY.
    """
    place, held, fault = 0, [], ""
    for number, line in lines:
        found = _LINE.match(line)
        tag, value = (found[1], (found[2] or "").strip()) if found else ("", line.strip())
        if held and tag in ("TY", "ER"):
            yield place, [*held, "ER  - "], fault
            held, fault = [], ""
        if tag == "TY":
            place, held = number, [f"TY  - {value}"]
        elif held:
            fault = fault or (f"Line {number} is too long." if is_too_long(line) else "")
            held.append(f"{tag}  - {value}" if tag else value)
    if held:
        yield place, [*held, "ER  - "], fault


def _title(fields: dict[str, list[str]]) -> str:
    for tag in ("TI", "T1", "CT", "BT"):
        if fields[tag] and (found := reading.tidy(fields[tag][0])):
            return found
    return ""


def _first(fields: dict[str, list[str]], *tags: str) -> str:
    return next(
        (text for tag in tags for value in fields[tag] if (text := reading.tidy(value))), ""
    )


def _item(fields: dict[str, list[str]], title: str) -> dict:
    kind = READ_TYPES.get(_first(fields, "TY").upper()[:6], "document")
    number = _first(fields, "SN")
    is_book = kind in ("book", "chapter", "report", "thesis")
    item = {
        "type": kind,
        "title": title,
        "container-title": _first(fields, "T2", "JF", "JO", "BT", "JA", "J1"),
        "container-title-short": _first(fields, "J2", "JA", "J1"),
        "issued": _issued(fields),
        "volume": _first(fields, "VL"),
        "issue": _first(fields, "IS", "CP"),
        "edition": _first(fields, "ET"),
        "page": reading.pages(_first(fields, "SP"), _first(fields, "EP")),
        "publisher": _first(fields, "PB"),
        "publisher-place": _first(fields, "CY"),
        "ISBN" if is_book else "ISSN": number if is_book else reading.issn(number),
        "language": _first(fields, "LA"),
        "DOI": next((d for tag in ("DO", "L3", "UR", "M3") for v in fields[tag]
                     if (d := reading.doi(v))), ""),
        "PMID": reading.pmid_of(_first(fields, "AN"), _first(fields, "DB", "DP")),
        "PMCID": reading.pmcid(_first(fields, "C2")),
        "URL": next((u for value in fields["UR"] if (u := reading.address(value))), ""),
        "abstract": _first(fields, "AB", "N2"),
        "keyword": reading.keywords(fields["KW"]),
    }  # fmt: skip
    short = item["container-title-short"]
    item["container-title-short"] = short if short != item["container-title"] else ""
    notes = [reading.tidy(text) for text in fields["N1"]]
    is_cut = writing.CUT_AUTHORS in " ".join(notes)
    item["note"] = " ".join(notes).replace(writing.CUT_AUTHORS, "").strip()
    item |= {"custom": {"authors_truncated": True}} if is_cut else {}
    authors = fields["AU"] or fields["A1"]
    editors = fields["ED"] or (fields["A2"] if kind in ("chapter", "paper-conference") else [])
    return reading.finish(reading.with_people(item, authors, editors))


def _issued(fields: dict[str, list[str]]) -> dict | None:
    """Return the most exact of the dates that the record has."""
    dates = [reading.issued(_first(fields, tag)) for tag in ("DA", "PY", "Y1", "PY")]
    return max(filter(None, dates), key=lambda found: len(found["date-parts"][0]), default=None)


def write(items: Iterable[dict]) -> Iterator[str]:
    """Write items as RIS: one tag a line, CRLF, `ER` at the end of each."""
    return map(_written, items)


def _written(item: dict) -> str:
    start, end = writing.first_and_last_page(item)
    fields = [
        ("TY", TYPES.get(item.get("type", ""), "GEN")),
        ("ID", item.get("id")),
        *(("AU", _name(person)) for person in item.get("author", [])),
        *(("ED", _name(person)) for person in item.get("editor", [])),
        ("TI", item.get("title")),
        ("T2", item.get("container-title")),
        ("J2", item.get("container-title-short")),
        ("PY", writing.year(item)),
        ("DA", _date(item)),
        ("VL", item.get("volume")),
        ("IS", item.get("issue")),
        ("ET", item.get("edition")),
        ("SP", start),
        ("EP", end),
        ("PB", item.get("publisher")),
        ("CY", item.get("publisher-place")),
        ("SN", item.get("ISSN") or item.get("ISBN")),
        ("LA", item.get("language")),
        ("DO", item.get("DOI")),
        # Where EndNote and Zotero look for the number in PubMed, and for that in PMC.
        ("AN", item.get("PMID")),
        ("DB", "PubMed" if item.get("PMID") else ""),
        ("C2", item.get("PMCID")),
        ("UR", item.get("URL")),
        ("AB", item.get("abstract")),
        *(("KW", word) for word in reading.parted(item.get("keyword"))),
        ("N1", writing.note(item)),
    ]
    lines = [f"{tag}  - {_text(tag, value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _text(tag: str, value: object) -> str:
    text = " ".join(str(value).split())
    return text.replace("*", "") if tag in NO_ASTERISK else text


def _name(person: dict) -> str:
    """Return `Family, Given, Suffix`. A comma in a group's name would part it."""
    if literal := person.get("literal"):
        return literal.replace(",", " ")
    parts = [writing.family(person), person.get("given", ""), person.get("suffix", "")]
    return ", ".join(parts).rstrip(", ")


def _date(item: dict) -> str:
    """Return `YYYY/MM/DD/`, "" if no more than the year is known."""
    parts = writing.date_parts(item)
    if len(parts) < 2:
        return ""
    return "/".join([f"{parts[0]:04}", *(f"{part:02}" for part in parts[1:])]) + "/" * (
        4 - len(parts)
    )

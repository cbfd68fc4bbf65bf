"""The MEDLINE format, which PubMed calls nbib. https://www.nlm.nih.gov/bsd/mms/medlineelements.html

The parsers that exist read a third of real files, so this one is written by hand. The format has no
place for editors of articles apart from FED, addresses, and types other than those that PubMed has.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from references.formats import reading, writing
from references.formats.pubmed import kind_of, study_type_of
from references.formats.reading import MONTHS
from references.formats.records import Record, is_too_long, numbered_lines, refused

_LINE = re.compile(r"^([A-Z][A-Z0-9]{1,3})\s{0,3}-(?:\s(.*))?$")
_WIDTH = 6
_SUFFIX = re.compile(r"(?<=\w)\.? (Jr|Sr|2nd|3rd|4th|5th|II|III)\.?$")
RETRACTED = "Retracted Publication"
# What PubMed calls the line that names a notice, by what the notice made of the publication.
NOTICES = {"retracted": "RIN", "concern": "ECI", "corrected": "EIN"}


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read a file of MEDLINE records, one by one."""
    for place, fields, fault in _cut(numbered_lines(stream)):
        title = _title(fields)
        if fault or not title:
            yield refused(place, fault or "It has no title (TI, BTI).", title)
        else:
            yield Record(place, _item(fields, title))


def _cut(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, list[str]], str]]:
    """Return the fields of each record by tag.

    A record ends at an empty line once it has a title, and before the next PMID.
    """
    place, fields, tag, fault = 0, defaultdict(list), "", ""
    for number, line in lines:
        found = _LINE.match(line)
        if found and found[1] == "PMID" and "PMID" in fields:
            yield place, fields, fault
            fields, fault = defaultdict(list), ""
        if found:
            place = place if fields else number
            tag = found[1]
            fields[tag].append((found[2] or "").strip())
        elif not line.strip():
            if fields and _title(fields):
                yield place, fields, fault
                fields, fault = defaultdict(list), ""
            tag = ""
        elif tag and fields:
            fields[tag][-1] = f"{fields[tag][-1]} {line.strip()}"
        if fields and is_too_long(line):
            fault = fault or f"Line {number} is too long."
    if fields:
        yield place, fields, fault


def _title(fields: dict[str, list[str]]) -> str:
    for tag in ("TI", "BTI", "TT"):
        if fields[tag] and (found := reading.tidy(fields[tag][0])):
            return reading.without_stop(found)
    return ""


def _first(fields: dict[str, list[str]], *tags: str) -> str:
    return next(
        (text for tag in tags for value in fields[tag] if (text := reading.tidy(value))), ""
    )


def _item(fields: dict[str, list[str]], title: str) -> dict:
    types, notes = fields["PT"], [reading.tidy(text) for text in fields["GN"]]
    item = {
        "type": kind_of(types),
        "title": title,
        "container-title": _first(fields, "JT", *(["BTI"] if fields["TI"] else []), "TA"),
        "container-title-short": _first(fields, "TA"),
        "issued": reading.issued(_first(fields, "DP", "DEP")),
        "volume": _first(fields, "VI"),
        "issue": _first(fields, "IP"),
        "page": reading.pages(_first(fields, "PG")),
        "publisher": _first(fields, "PB"),
        "ISSN": _issn(fields["IS"]),
        "ISBN": _first(fields, "ISBN").split(" ")[0],
        "language": _first(fields, "LA"),
        "DOI": _doi(fields),
        "PMID": reading.pmid(_first(fields, "PMID")),
        "PMCID": reading.pmcid(_first(fields, "PMC")),
        "abstract": _first(fields, "AB"),
        "keyword": reading.keywords(fields["OT"] + fields["MH"]),
        "note": " ".join(notes).replace(writing.CUT_AUTHORS, "").strip(),
    }
    if item["container-title-short"] == item["container-title"]:
        del item["container-title-short"]
    if found := study_type_of(types):
        item["custom"] = {"study_type": found}
    if writing.CUT_AUTHORS in " ".join(notes):
        item["custom"] = item.get("custom", {}) | {"authors_truncated": True}
    authors, editors = fields["FAU"] or fields["AU"], fields["FED"] or fields["ED"]
    reading.with_people(item, map(_with_suffix, authors), map(_with_suffix, editors))
    item["author"] += [{"literal": name} for name in map(reading.tidy, fields["CN"]) if name]
    return reading.finish(item)


def _with_suffix(name: str) -> str:
    """Return a name as `Family, Given, Suffix`, which MEDLINE writes behind the given names."""
    return _SUFFIX.sub(r", \1", name.strip())


def _issn(values: list[str]) -> str:
    """Return the ISSN that links the forms of a journal, else the first."""
    linking = [value for value in values if "linking" in value.lower()]
    return reading.tidy((linking or values or [""])[0]).split(" ")[0]


def _doi(fields: dict[str, list[str]]) -> str:
    values = [value for tag in ("LID", "AID", "SO") for value in fields[tag]]
    marked = [value for value in values if "[doi]" in value.lower() or "doi:" in value.lower()]
    return next((found for value in marked if (found := reading.doi(value))), "")


# CSL type → what PubMed calls it.
TYPES = {
    "book": "Book",
    "chapter": "Book Chapter",
    "dataset": "Dataset",
    "report": "Technical Report",
}


def write(items: Iterable[dict]) -> Iterator[str]:
    """Write items as MEDLINE records, an empty line after each."""
    return map(_written, items)


def _written(item: dict) -> str:
    start, end = writing.first_and_last_page(item)
    is_chapter = item.get("type") == "chapter"
    container = item.get("container-title")
    authors = item.get("author", [])
    told = (item.get("custom") or {}).get("notice") or {}
    fields = [
        ("PMID", item.get("PMID")),
        (
            "TI",
            f"{item['title']}." if not item["title"].endswith((".", "?", "!")) else item["title"],
        ),
        ("VI", item.get("volume")),
        ("IP", item.get("issue")),
        ("PG", "-".join(filter(None, (start, end)))),
        ("DP", _date(item)),
        ("AB", item.get("abstract")),
        *(("FAU", _name(person)) for person in authors if "literal" not in person),
        *(("CN", person["literal"]) for person in authors if "literal" in person),
        *(("FED", _name(person)) for person in item.get("editor", [])),
        ("LA", item.get("language")),
        ("PT", TYPES.get(item.get("type", ""), "Journal Article")),
        ("PT", RETRACTED if told.get("status") == "retracted" else ""),
        ("TA", item.get("container-title-short")),
        ("BTI" if is_chapter else "JT", container),
        ("PB", item.get("publisher")),
        ("IS", item.get("ISSN")),
        ("ISBN", item.get("ISBN")),
        *(("OT", word) for word in reading.parted(item.get("keyword"))),
        (NOTICES.get(told.get("status"), ""), _notice(told)),
        ("GN", writing.note(item)),
        ("AID", f"{item['DOI']} [doi]" if item.get("DOI") else ""),
        ("PMC", item.get("PMCID")),
    ]
    lines = [f"{tag:<4}- {' '.join(str(value).split())}" for tag, value in fields if tag and value]
    return "\r\n".join([*lines, "", ""])


def _notice(told: dict) -> str:
    """Return where a notice stands, as far as it is known: `2020 Jan 2. doi: 10.1/x. PMID: 7`."""
    parts = [int(part) for part in (told.get("date") or "").split("-") if part]
    day = _day_of(parts) if parts else "Notice known to HSC Portal"
    doi, pmid = told.get("doi"), told.get("pmid")
    words = [day, f"doi: {doi}" if doi else "", f"PMID: {pmid}" if pmid else ""]
    return ". ".join(filter(None, words))


def _name(person: dict) -> str:
    if literal := person.get("literal"):
        return literal
    given, suffix = person.get("given") or "", person.get("suffix") or ""
    parts = [writing.family(person), *([f"{given} {suffix}"] if given else ["", suffix])]
    return ", ".join(parts).rstrip(", ")


def _date(item: dict) -> str:
    return _day_of(writing.date_parts(item))


def _day_of(parts: list[int]) -> str:
    names = [str(part) for part in parts]
    if len(parts) > 1:
        names[1] = MONTHS[parts[1] - 1].title()
    return " ".join(names)

"""The XML that EndNote exports; other programs write it too."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from references.formats import reading
from references.formats.records import Record, refused
from references.formats.xml import text_of, texts, walk

# Names of EndNote's reference types → CSL types.
TYPES = {
    "journal article": "article-journal", "electronic article": "article-journal",
    "book": "book", "edited book": "book", "electronic book": "book",
    "book section": "chapter", "electronic book section": "chapter",
    "conference paper": "paper-conference", "conference proceedings": "paper-conference",
    "report": "report", "government document": "report", "thesis": "thesis",
    "web page": "webpage", "blog": "webpage", "dataset": "dataset", "standard": "standard",
    "magazine article": "article-magazine", "newspaper article": "article-newspaper",
    "unpublished work": "article", "patent": "patent", "computer program": "software",
    "encyclopedia": "entry-encyclopedia", "dictionary": "entry-dictionary",
}  # fmt: skip


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read records one by one. Raises Unreadable where the XML ends to be well-formed."""
    for number, element in walk(stream, ("record",)):
        item = _item(element)
        if item.get("title"):
            yield Record(number, item)
        else:
            yield refused(number, "It has no title.")


def _item(record: etree._Element) -> dict:
    kind = record.find("ref-type")
    name = kind.get("name", "") if kind is not None else ""
    item = {
        "type": TYPES.get(name.strip().lower(), "document"),
        "title": text_of(record, "titles/title"),
        "container-title": text_of(record, "titles/secondary-title")
        or text_of(record, "periodical/full-title"),
        "container-title-short": text_of(record, "periodical/abbr-1")
        or text_of(record, "titles/alt-title"),
        "issued": _issued(record),
        "volume": text_of(record, "volume"),
        "issue": text_of(record, "number"),
        "edition": text_of(record, "edition"),
        "page": reading.pages(text_of(record, "pages")),
        "publisher": text_of(record, "publisher"),
        "publisher-place": text_of(record, "pub-location"),
        "language": text_of(record, "language"),
        "DOI": reading.doi(text_of(record, "electronic-resource-num")),
        "PMID": reading.pmid_of(text_of(record, "accession-num"), _database(record)),
        "PMCID": reading.pmcid(text_of(record, "custom2")),
        "URL": next(
            (url for text in texts(record, "urls/related-urls/url")
             if (url := reading.address(text))), "",
        ),
        "abstract": text_of(record, "abstract"),
        "keyword": reading.keywords(texts(record, "keywords/keyword")),
    }  # fmt: skip
    is_book = item["type"] in ("book", "chapter", "report", "thesis")
    number = text_of(record, "isbn")
    item["ISBN" if is_book else "ISSN"] = number if is_book else reading.issn(number)
    item |= _journal(record) if item["type"] == "article-journal" else {}
    if item["container-title-short"] == item["container-title"]:
        item["container-title-short"] = ""
    authors = texts(record, "contributors/authors/author")
    editors = texts(record, "contributors/secondary-authors/author")
    return reading.finish(reading.with_people(item, authors, editors))


def _journal(record: etree._Element) -> dict:
    """Return the name of a journal, in full where any field has it so, and its abbreviation."""
    places = ("titles/secondary-title", "periodical/full-title", "alt-periodical/full-title",
              "titles/alt-title")  # fmt: skip
    names = [name for place in places if (name := text_of(record, place))]
    full = max(names, key=len, default="")
    brief = [text_of(record, place) for place in ("periodical/abbr-1", "alt-periodical/abbr-1")]
    short = next(filter(None, [*brief, *sorted(names, key=len)]), "")
    return {"container-title": full, "container-title-short": short}


def _issued(record: etree._Element) -> dict | None:
    """Return year and day, which EndNote keeps apart: `2014` and `Mar 5`."""
    year, day = text_of(record, "dates/year"), text_of(record, "dates/pub-dates/date")
    with_year = day if year and year in day else f"{year} {day}"
    return reading.issued(with_year)


def _database(record: etree._Element) -> str:
    names = ("remote-database-name", "remote-database-provider")
    return " ".join(text_of(record, name) for name in names).strip()

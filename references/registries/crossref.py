"""Crossref: most journals, books and preprints with a DOI.

https://api.crossref.org/swagger-ui/index.html, GET /works/{doi}
"""

import re
from urllib.parse import quote

from references.formats import reading
from references.registries import answers

NAME, LABEL, ACCEPT, AT_ONCE = "crossref", "Crossref", "json", 1
# Its types of works as CSL calls them. https://api.crossref.org/types
TYPES = {
    "journal-article": "article-journal", "proceedings-article": "paper-conference",
    "book": "book", "monograph": "book", "edited-book": "book", "reference-book": "book",
    "book-set": "book", "book-series": "book", "proceedings": "book",
    "book-chapter": "chapter", "book-section": "chapter", "book-part": "chapter",
    "book-track": "chapter", "reference-entry": "entry-encyclopedia", "posted-content": "article",
    "report": "report", "report-component": "report", "report-series": "report",
    "standard": "standard", "dissertation": "thesis", "dataset": "dataset",
    "database": "dataset", "peer-review": "review", "component": "document",
    "journal-issue": "document", "journal-volume": "document", "journal": "periodical",
}  # fmt: skip
# The issue counts, as in PubMed; what is only online has none.
DATES = ("published-print", "issued", "published", "published-online", "posted")
_HEADING = re.compile(r"\s*<jats:title>\s*(?:abstract|summary)\s*</jats:title>", re.I)
_BLOCK_END = re.compile(r"</jats:(?:p|title|sec)>")


def address(values: list[str]) -> str:
    """Return where one DOI is asked for."""
    return f"{answers.base(NAME)}/works/{quote(values[0], safe='')}"


def read(body: bytes, values: list[str]) -> dict[str, dict]:
    work = answers.object_of(body)["message"]
    return {values[0]: item(work)} if work.get("DOI") else {}


def item(work: dict) -> dict:
    """Return a work as a CSL-JSON item."""
    found = {
        "type": TYPES.get(work.get("type"), "document"),
        "title": _title(work),
        "author": answers.people(work.get("author"), "given", "family", "name"),
        "editor": answers.people(work.get("editor"), "given", "family", "name"),
        "container-title": answers.first(work.get("container-title")),
        "container-title-short": answers.first(work.get("short-container-title")),
        "issued": next(filter(None, (_date(work.get(name)) for name in DATES)), None),
        "volume": answers.first(work.get("volume")),
        "issue": answers.first(work.get("issue")),
        "page": reading.pages(work.get("page") or work.get("article-number")),
        "publisher": answers.first(work.get("publisher")),
        "publisher-place": answers.first(work.get("publisher-location")),
        "edition": answers.first(work.get("edition-number")),
        "ISSN": answers.first(work.get("ISSN")),
        "ISBN": answers.first(work.get("ISBN")).rsplit("/", 1)[-1],
        "language": answers.first(work.get("language")),
        "DOI": reading.tidy(work["DOI"]).lower(),
        "abstract": _abstract(work.get("abstract") or ""),
    }
    # A journal is not quoted with its publisher.
    if found["type"] == "article-journal":
        del found["publisher"], found["publisher-place"]
    return reading.finish(found)


def _title(work: dict) -> str:
    title, subtitle = answers.first(work.get("title")), answers.first(work.get("subtitle"))
    if subtitle and subtitle.lower() not in title.lower():
        title += subtitle if title.endswith((":", "?", "!")) else f": {subtitle}"
    return reading.without_stop(title)


def _date(given: dict | None) -> dict | None:
    parts = ((given or {}).get("date-parts") or [[]])[0]
    return reading.issued("-".join(str(part) for part in parts if part))


def _abstract(jats: str) -> str:
    return reading.tidy(_BLOCK_END.sub(" ", _HEADING.sub("", jats, count=1)))

"""Publications in the formats that reference managers read: RIS, BibTeX and CSL-JSON.

Pure functions on CSL-JSON items. All text is UTF-8. What a format has no place for is left out,
except what a reader must know, which stands in the note.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

Items = Iterable[dict]

CUT_AUTHORS = "Further authors are not listed here."


def to_csl_json(items: Items) -> str:
    """Return items as a CSL-JSON array, each of its own words unchanged."""
    return json.dumps(list(items), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# CSL type → RIS type. https://en.wikipedia.org/wiki/RIS_(file_format) and Zotero's own table.
RIS_TYPES = {
    "article": "UNPB",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "bill": "BILL",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
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
# Whose authors, titles and containers may hold no asterisk, says the format.
RIS_NO_ASTERISK = {"AU", "ED", "T2"}


def to_ris(items: Items) -> str:
    """Return items as RIS: one tag a line, CRLF, `ER` at the end of each."""
    return "".join(_ris(item) for item in items)


def _ris(item: dict) -> str:
    start, end = first_and_last_page(item)
    fields = [
        ("TY", RIS_TYPES.get(item.get("type", ""), "GEN")),
        ("ID", item.get("id")),
        *(("AU", _ris_name(person)) for person in item.get("author", [])),
        *(("ED", _ris_name(person)) for person in item.get("editor", [])),
        ("TI", item.get("title")),
        ("T2", item.get("container-title")),
        ("PY", _year(item)),
        ("DA", _ris_date(item)),
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
        ("N1", note(item)),
    ]
    lines = [f"{tag}  - {_ris_text(tag, value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _ris_text(tag: str, value: object) -> str:
    text = " ".join(str(value).split())
    return text.replace("*", "") if tag in RIS_NO_ASTERISK else text


def _ris_name(person: dict) -> str:
    """Return `Family, Given, Suffix`. A comma in an institution's name would part it."""
    if literal := person.get("literal"):
        return literal.replace(",", " ")
    parts = [_family(person), person.get("given", ""), person.get("suffix", "")]
    return ", ".join(parts).rstrip(", ")


def _ris_date(item: dict) -> str:
    """Return `YYYY/MM/DD/`, "" if no more than the year is known."""
    parts = _date_parts(item)
    if len(parts) < 2:
        return ""
    return "/".join([f"{parts[0]:04}", *(f"{part:02}" for part in parts[1:])]) + "/" * (
        4 - len(parts)
    )


# CSL type → BibTeX entry type. Classic BibTeX knows no web page; @misc with a URL is read by all.
BIBTEX_TYPES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "entry-dictionary": "incollection",
    "entry-encyclopedia": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
# What the container of an entry type is called, and its publisher.
BIBTEX_CONTAINERS = {
    "article": "journal", "incollection": "booktitle", "inproceedings": "booktitle",
    "misc": "howpublished",
}  # fmt: skip
BIBTEX_PUBLISHERS = {"techreport": "institution", "phdthesis": "school"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# BibTeX counts every brace, also one behind a backslash, so braces go by their names.
LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
} | {character: f"\\{character}" for character in "&%$#_"}  # fmt: skip


def to_bibtex(items: Items) -> str:
    """Return items as BibTeX in UTF-8, for BibTeX and BibLaTeX alike."""
    return "\n".join(_bibtex(item) for item in items)


def _bibtex(item: dict) -> str:
    kind = BIBTEX_TYPES.get(item.get("type", ""), "misc")
    fields = {
        "author": _bibtex_names(item, "author"),
        "editor": _bibtex_names(item, "editor"),
        "title": _bibtex_title(item.get("title", "")),
        BIBTEX_CONTAINERS.get(kind, "series"): _latex(item.get("container-title", "")),
        "year": _year(item),
        "volume": _latex(item.get("volume", "")),
        "number": _latex(item.get("issue", "")),
        "edition": _latex(item.get("edition", "")),
        "pages": "--".join(page for page in map(_latex, first_and_last_page(item)) if page),
        BIBTEX_PUBLISHERS.get(kind, "publisher"): _latex(item.get("publisher", "")),
        "address": _latex(item.get("publisher-place", "")),
        "issn": _latex(item.get("ISSN", "")),
        "isbn": _latex(item.get("ISBN", "")),
        "doi": _verbatim(item.get("DOI", "")),
        "pmid": _latex(item.get("PMID", "")),
        "pmcid": _latex(item.get("PMCID", "")),
        "url": _verbatim(item.get("URL", "")),
        "note": _latex(note(item, cut_authors=False)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if (parts := _date_parts(item))[1:]:
        lines.append(f"  month = {MONTHS[parts[1] - 1]},")
    key = re.sub(r"[^A-Za-z0-9_:.-]", "-", str(item["id"]))
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _bibtex_names(item: dict, role: str) -> str:
    """Return names parted by `and`; one of an institution in braces, which keep it whole."""
    names = []
    for person in item.get(role, []):
        if literal := person.get("literal"):
            names.append(f"{{{_latex(literal)}}}")
            continue
        family, given = _latex(_family(person)), _latex(person.get("given", ""))
        # A word with an `and` in it would be taken for two names.
        family = f"{{{family}}}" if " and " in family else family
        suffix = _latex(person.get("suffix", ""))
        names.append(", ".join(part for part in (family, suffix, given) if part))
    if names and role == "author" and _is_cut(item):
        names.append("others")
    return " and ".join(names)


def _bibtex_title(title: str) -> str:
    """Return a title in which no style may change the case of names and abbreviations."""
    words = _latex(title).split()
    # The capital that begins the title is nobody's name.
    return " ".join(
        f"{{{word}}}" if re.search(r"[A-Z]", word[n == 0 :]) else word
        for n, word in enumerate(words)
    )


def _latex(value: object) -> str:
    text = " ".join(str(value).split())
    return "".join(LATEX.get(character, character) for character in text)


def _verbatim(value: str) -> str:
    """Return an address or DOI, which is not typeset; a brace in it would end the field."""
    return value.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def first_and_last_page(item: dict) -> tuple[str, str]:
    """Return the first and the last page, "" where there is none: `690-4` is `690`, `694`."""
    first, dash, last = str(item.get("page", "")).replace("–", "-").partition("-")
    if not dash or "-" in last:
        return str(item.get("page", "")), ""
    first, last = first.strip(), last.strip()
    if last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return first, last


def note(item: dict, *, cut_authors: bool = True) -> str:
    """Return what must be said of an item beside its fields, "" if nothing."""
    cut = [CUT_AUTHORS] if cut_authors and item.get("author") and _is_cut(item) else []
    return " ".join([*([item["note"]] if item.get("note") else []), *cut])


def _is_cut(item: dict) -> bool:
    return bool(item.get("custom", {}).get("authors_truncated"))


def _family(person: dict) -> str:
    particle = person.get("non-dropping-particle") or person.get("dropping-particle") or ""
    return f"{particle} {person.get('family', '')}".strip()


def _date_parts(item: dict) -> list[int]:
    """Return year, month and day as far as known. What is no date of the calendar is cut off."""
    given = (item.get("issued", {}).get("date-parts") or [[]])[0]
    parts = [int(part) for part in given if part]
    while parts:
        try:
            date(*[*parts, 1, 1][:3])
        except ValueError:
            parts.pop()
        else:
            break
    return parts


def _year(item: dict) -> str:
    parts = _date_parts(item)
    return str(parts[0]) if parts else ""


@dataclass(frozen=True)
class Format:
    """A format of export: its name, its media type and what writes it."""

    label: str
    content_type: str
    write: Callable[[Items], str]


# By the ending of the file.
FORMATS = {
    "ris": Format("RIS", "application/x-research-info-systems; charset=utf-8", to_ris),
    "bib": Format("BibTeX", "application/x-bibtex; charset=utf-8", to_bibtex),
    "json": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", to_csl_json),
}

"""BibTeX, for BibTeX and BibLaTeX alike.

Reading is by bibtexparser, the words of TeX are decoded by pylatexenc. A file is held in memory as
a whole, since its abbreviations (@string) may stand anywhere. The format has no place for `custom`,
for particles of names apart from the family, and for types that its table lacks.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import bibtexparser
from bibtexparser.middlewares import names as tex_names
from bibtexparser.model import Entry
from pylatexenc.latex2text import LatexNodes2Text

from references.formats import reading, writing
from references.formats.reading import MONTHS
from references.formats.records import Record, read_all, refused

MOST_BYTES = 20_000_000
# What it would say there is said in the record.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

# CSL type → BibTeX entry type. Classic BibTeX knows no web page; @misc with a URL is read by all.
TYPES = {
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
READ_TYPES = {
    "article": "article-journal", "book": "book", "booklet": "book", "collection": "book",
    "conference": "paper-conference", "dataset": "dataset", "inbook": "chapter",
    "incollection": "chapter", "inproceedings": "paper-conference", "manual": "report",
    "mastersthesis": "thesis", "misc": "document", "online": "webpage", "phdthesis": "thesis",
    "proceedings": "book", "report": "report", "software": "software", "techreport": "report",
    "thesis": "thesis", "unpublished": "article", "www": "webpage", "electronic": "webpage",
}  # fmt: skip
# What the container of an entry type is called, and its publisher.
CONTAINERS = {
    "article": "journal", "incollection": "booktitle", "inproceedings": "booktitle",
    "misc": "howpublished",
}  # fmt: skip
PUBLISHERS = {"techreport": "institution", "phdthesis": "school"}
# BibTeX counts every brace, also one behind a backslash, so braces go by their names.
LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
} | {character: f"\\{character}" for character in "&%$#_"}  # fmt: skip
# Signs that have a name, not all of which the decoder knows; so they are held apart from it.
NAMED_SIGNS = {sign: name[:-2] for sign, name in LATEX.items() if name.endswith("{}")}
HELD = {sign: chr(0xE000 + n) for n, sign in enumerate(NAMED_SIGNS)}
# Pairs that TeX makes one character of.
LIGATURES = re.compile(r"(?<=-)-|(?<=`)`|(?<=')'|(?<=[?!])`")
# Fields that are not typeset.
VERBATIM = {"doi", "url", "pmid", "pmcid", "eprint", "isbn", "issn"}

# What stands above or below the line: the decoder leaves its mark.
_RAISED = re.compile(r"\$\s*([\^_])\s*(?:\{([^{}$]*)\}|([^{}$\s]))\s*\$")
_ABOVE, _BELOW = (
    str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
)

_tex = LatexNodes2Text(math_mode="text", keep_comments=True)


def read(stream: BinaryIO) -> Iterator[Record]:
    """Read a file of BibTeX. Raises Unreadable if it is too large."""
    library = bibtexparser.parse_string(read_all(stream, MOST_BYTES))
    blocks = sorted(library.blocks, key=lambda block: block.start_line or 0)
    for block in blocks:
        place = (block.start_line or 0) + 1
        # An entry whose key another has is read like any other.
        if isinstance(block, Entry):
            yield _record(place, block)
        elif isinstance(entry := getattr(block, "ignore_error_block", None), Entry):
            yield _record(place, _bared(entry))
        elif block in library.failed_blocks:
            yield refused(place, _fault(block), _seeming_title(block.raw or ""))


def _bared(entry: Entry) -> Entry:
    """Return an entry of which the parser has not taken off the braces around each value."""
    for field in entry.fields:
        value = str(field.value)
        if value[:1] + value[-1:] in ("{}", '""') and len(value) > 1:
            field.value = value[1:-1]
    return entry


def _fault(block) -> str:
    error = getattr(block, "error", None)
    words = " ".join(str(getattr(error, "abort_reason", "") or error or "").split())
    return f"It cannot be read. {words}".strip()[:300]


def _seeming_title(raw: str) -> str:
    found = re.search(r"\btitle\s*=\s*[{\"]+([^\n}\"]*)", raw, re.IGNORECASE)
    return reading.tidy(found[1]) if found else ""


def _record(place: int, entry: Entry) -> Record:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    title = decoded(fields.get("title", ""))
    if subtitle := decoded(fields.get("subtitle", "")):
        title = f"{title}: {subtitle}"
    if not title:
        return refused(place, f"“{entry.key}” has no title.")
    return Record(place, _item(entry.entry_type.lower(), title, fields), key=entry.key)


def decoded(value: str) -> str:
    """Return the words of a field without TeX in them."""
    if not re.search(r"[\\{}$~]|--|``|''", value):
        return reading.tidy(value)
    value = _RAISED.sub(_raised, value)
    for sign, name in NAMED_SIGNS.items():
        value = value.replace(name, HELD[sign])
    try:
        words = _tex.latex_to_text(value)
        for sign, held in HELD.items():
            words = words.replace(held, sign)
        return reading.tidy(words)
    except (IndexError, TypeError, ValueError, RecursionError):
        return reading.tidy(re.sub(r"[{}\\]", "", value))


def _raised(found: re.Match) -> str:
    """Return `CD34$^{+}$` as CD34+, and `10$^{9}$` as 10⁹; other words of mathematics as they are.

    A sign is written on the line, as people look for it.
    """
    words = found[2] or found[3] or ""
    if re.fullmatch(r"[+-]+", words):
        return words
    is_number = re.fullmatch(r"\d+", words)
    return words.translate(_ABOVE if found[1] == "^" else _BELOW) if is_number else found[0]


def _item(kind: str, title: str, fields: dict[str, str]) -> dict:
    words = {name: decoded(value) for name, value in fields.items() if name not in VERBATIM}
    raw = {name: _plain(fields.get(name, "")) for name in VERBATIM}
    eprint = raw["eprint"] if fields.get("eprinttype", "").lower() == "pubmed" else ""
    item = {
        "type": READ_TYPES.get(kind, "document"),
        "title": title,
        "container-title": _one(words, "journal", "journaltitle", "booktitle", "howpublished"),
        "issued": _issued(words),
        "volume": words.get("volume", ""),
        "issue": _one(words, "number", "issue"),
        "edition": words.get("edition", ""),
        "page": reading.pages(words.get("pages", "")),
        "publisher": _one(words, "publisher", "institution", "school", "organization"),
        "publisher-place": _one(words, "address", "location"),
        "ISSN": raw["issn"],
        "ISBN": raw["isbn"],
        "language": _one(words, "language", "langid"),
        "DOI": reading.doi(raw["doi"]) or reading.doi(raw["url"]),
        "PMID": reading.pmid(raw["pmid"] or eprint),
        "PMCID": reading.pmcid(raw["pmcid"]),
        "URL": reading.address(raw["url"]),
        "abstract": words.get("abstract", ""),
        "note": words.get("note", ""),
        "keyword": reading.keywords(re.split(r"[;,]", _one(words, "keywords", "keyword"))),
    }
    if re.match(r"\\url|https?:", fields.get("howpublished", "")):
        item["URL"] = item["URL"] or reading.address(_plain(fields["howpublished"]))
        item["container-title"] = ""
    for role in ("author", "editor"):
        item[role], is_cut = _people(fields.get(role, ""))
        if is_cut and role == "author":
            item["custom"] = {"authors_truncated": True}
    return reading.finish(item)


def _plain(value: str) -> str:
    """Return a field that is not typeset, without the escapes that some programs put into it."""
    found = re.sub(r"\\url\s*\{([^}]*)\}", r"\1", value)
    return reading.tidy(re.sub(r"\\([&%$#_{}~])", r"\1", found).strip("{}"))


def _one(words: dict[str, str], *names: str) -> str:
    return next((words[name] for name in names if words.get(name)), "")


def _issued(words: dict[str, str]) -> dict | None:
    if found := reading.issued(words.get("date", "")):
        return found
    month = words.get("month", "")
    if month.isdigit():
        return reading.issued(f"{words.get('year', '')}-{month}")
    return reading.issued(f"{words.get('year', '')} {month}")


def _people(value: str) -> tuple[list[dict], bool]:
    """Return names, and whether there are more. One in braces is that of a group."""
    found, is_cut = [], False
    for name in tex_names.split_multiple_persons_names(" ".join(value.split())):
        if decoded(name).lower() in ("others", "et al", "et al."):
            is_cut = True
        elif person := _person(name):
            found.append(person)
    return found, is_cut


def _person(name: str) -> dict | None:
    if re.fullmatch(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", name):
        text = decoded(name)
        return {"literal": text} if text else None
    try:
        parts = tex_names.parse_single_name_into_parts(name)
    except tex_names.InvalidNameError:
        return reading.person(decoded(name))
    family, given, suffix = (
        decoded(" ".join(words)) for words in ([*parts.von, *parts.last], parts.first, parts.jr)
    )
    if family and not given and not suffix:
        return {"literal": family}
    return reading.named(family, given, suffix) if family else None


def write(items: Iterable[dict]) -> Iterator[str]:
    """Write items as BibTeX in UTF-8, an empty line between them."""
    for number, item in enumerate(items):
        yield ("\n" if number else "") + _written(item)


def _written(item: dict) -> str:
    kind = TYPES.get(item.get("type", ""), "misc")
    parts = writing.date_parts(item)
    fields = {
        "author": _names(item, "author"),
        "editor": _names(item, "editor"),
        "title": _title(item.get("title", "")),
        CONTAINERS.get(kind, "series"): _latex(item.get("container-title", "")),
        "year": writing.year(item),
        # Where BibLaTeX looks for the day, which BibTeX has no field for.
        "date": "-".join(f"{part:02}" for part in parts) if parts[2:] else "",
        "volume": _latex(item.get("volume", "")),
        "number": _latex(item.get("issue", "")),
        "edition": _latex(item.get("edition", "")),
        "pages": "--".join(page for page in map(_latex, writing.first_and_last_page(item)) if page),
        PUBLISHERS.get(kind, "publisher"): _latex(item.get("publisher", "")),
        "address": _latex(item.get("publisher-place", "")),
        "issn": _latex(item.get("ISSN", "")),
        "isbn": _latex(item.get("ISBN", "")),
        "doi": _verbatim(item.get("DOI", "")),
        "pmid": _latex(item.get("PMID", "")),
        "pmcid": _latex(item.get("PMCID", "")),
        "url": _verbatim(item.get("URL", "")),
        "note": _latex(writing.note(item, cut_authors=False)),
        "keywords": _latex("; ".join(reading.parted(item.get("keyword")))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if parts[1:]:
        lines.append(f"  month = {MONTHS[parts[1] - 1]},")
    key = re.sub(r"[^A-Za-z0-9_:.-]", "-", str(item["id"]))
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _names(item: dict, role: str) -> str:
    """Return names parted by `and`; one of a group in braces, which keep it whole."""
    names = []
    for person in item.get(role, []):
        if literal := person.get("literal"):
            names.append(f"{{{_latex(literal)}}}")
            continue
        family, given = _latex(writing.family(person)), _latex(person.get("given", ""))
        # A word with an `and` in it would be taken for two names.
        family = f"{{{family}}}" if " and " in family else family
        suffix = _latex(person.get("suffix", ""))
        names.append(", ".join(part for part in (family, suffix, given) if part))
    if names and role == "author" and writing.is_cut(item):
        names.append("others")
    return " and ".join(names)


def _title(title: str) -> str:
    """Return a title in which no style may change the case of names and abbreviations."""
    words = _latex(title).split()
    # The capital that begins the title is nobody's name.
    return " ".join(
        f"{{{word}}}" if re.search(r"[A-Z]", word[n == 0 :]) else word
        for n, word in enumerate(words)
    )


def _latex(value: object) -> str:
    text = " ".join(str(value).split())
    return LIGATURES.sub(r"{}\g<0>", "".join(LATEX.get(one, one) for one in text))


def _verbatim(value: str) -> str:
    """Return an address or DOI, which is not typeset; a brace in it would end the field."""
    return value.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")

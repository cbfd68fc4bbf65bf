"""From the words of a record to the fields of a CSL-JSON item.

What a record says of itself is tidied, never invented: a date that is none, or a PMID like “NA”, is
left out. An item needs a title; what else is missing, is missing.
"""

import html
import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError

from references.identifiers import normalise_doi, normalise_pmcid, normalise_pmid

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*\b\.?", re.IGNORECASE)
_TAG = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|span|u|p|br|jats:\w+)\b[^<>]{0,200}>", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_DASHES = re.compile(r"\s*(?:--+|[‐‑‒–—−])\s*")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_WHOLE_DOI = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/[^\s\"]+)", re.IGNORECASE
)
_CUT = re.compile(r"^(?:et\.?\s+al\b\.?|others|\.\.\.|…)$", re.IGNORECASE)
# A name as PubMed abbreviates it: the family, then one to four initials.
_ABBREVIATED = re.compile(r"^(?P<family>[^\d,\s]+(?:\s[^\d,\s]+){0,2})\s+(?P<given>[A-Z]{1,3})$")
_GROUP = re.compile(
    r"\b(?:group|council|network|society|organi[sz]ation|committee|consortium|team|study|trial|"
    r"association|institut\w*|universit\w*|cent(?:er|re)|foundation|agency|department|ministry|"
    r"collaborat\w*|investigators|registry|programme?|party|administration|college|academy)\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|2nd|3rd|4th)\.?$", re.IGNORECASE)
_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")


def tidy(value: object) -> str:
    """Return text without markup, entities, control characters and doubled spaces, in NFC."""
    text = str(value or "")
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    return unicodedata.normalize("NFC", " ".join(_CONTROL.sub(" ", text).split()))


def person(text: str) -> dict | None:
    """Return a name as CSL-JSON has it, None for an empty one.

    `Family, Given, Suffix`; `Family AB` as PubMed has it; all else is the name of a group. “et al.”
    is nobody: see `people`.
    """
    text = tidy(text).rstrip(";, ")
    if not text:
        return None
    family, comma, rest = text.partition(",")
    if comma and family.strip():
        given, _, suffix = (part.strip() for part in rest.partition(","))
        if suffix and _SUFFIX.match(given):
            given, suffix = suffix, given
        return named(family.strip(), given, suffix)
    if not is_group(text) and (found := _ABBREVIATED.match(text)):
        return named(found["family"], found["given"])
    return {"literal": text.strip(", ")}


def is_abbreviated(name: str) -> bool:
    """Return whether a name without comma looks like `Family AB`."""
    return bool(_ABBREVIATED.match(name)) and not is_group(name)


def is_group(name: str) -> bool:
    """Return whether a name has a word that only groups and institutions have."""
    return bool(_GROUP.search(name))


def named(family: str, given: str = "", suffix: str = "") -> dict:
    parts = {"family": family, "given": given, "suffix": suffix}
    return {name: value for name, value in parts.items() if value}


def people(texts) -> tuple[list[dict], bool]:
    """Return names, and whether the record says that there are more."""
    found, is_cut = [], False
    for text in texts:
        text = tidy(text)
        bare = re.sub(r",?\s*\bet\.?\s+al\b\.?$", "", text, flags=re.IGNORECASE)
        is_cut = is_cut or bare != text or bool(_CUT.match(text))
        if bare and not _CUT.match(bare) and (one := person(bare)) and one not in found:
            found.append(one)
    return found, is_cut


def issued(text: object) -> dict | None:
    """Return a date of publication, None if there is no year in the text.

    Understood are `2014`, `2014/03/05/`, `2014-03-05`, `2014 Mar 5`, `5 March 2014`, `March 2014`,
    `2014 Mar-Apr` (its first month), `1998 Dec-1999 Jan` (its first year).
    """
    text = tidy(text)
    if not (found := _YEAR.search(text)):
        return None
    year = int(found[1])
    before, after = text[: found.start()], text[found.end() :]
    if numbers := re.match(r"[/.-](\d{1,2})(?:[/.-](\d{1,2}))?(?!\d)", after):
        return _date(year, *(int(number) for number in numbers.groups() if number))
    month = _MONTH.search(after) or _MONTH.search(before)
    if not month:
        return _date(year)
    number = MONTHS.index(month[1].lower()) + 1
    around = after[month.end() :] if month.string is after else f"{before} {after}"
    if month.string is after and not re.match(r"[\s.,]*\d{1,2}(?!\d)", around):
        return _date(year, number)
    day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", around)
    return _date(year, number, *([int(day[1])] if day else []))


def _date(*parts: int) -> dict:
    while len(parts) > 1:
        try:
            date(*[*parts, 1][:3])
        except ValueError:
            parts = parts[:-1]
        else:
            break
    return {"date-parts": [list(parts)]}


def pages(first: object, last: object = "") -> str:
    """Return pages as `690-694`: the last one in full, a plain dash between."""
    text = _DASHES.sub("-", tidy(first))
    end = tidy(last)
    if end and "-" not in text and end != text:
        text = f"{text}-{end}" if text else end
    begin, dash, end = text.partition("-")
    if dash and begin.isdigit() and end.isdigit() and len(end) < len(begin):
        end = begin[: len(begin) - len(end)] + end
    return f"{begin}-{end}" if dash and end and end != begin else begin


def doi(text: object) -> str:
    """Return the DOI in a text, "" if there is none: with its case, without its resolver."""
    bare = tidy(text).removesuffix("[doi]").strip()
    # Older ones have brackets of all kinds within, which end a DOI that stands among other words.
    if not (found := _WHOLE_DOI.fullmatch(bare) or _DOI.search(bare)):
        return ""
    value = found[found.lastindex or 0].rstrip(".,;")
    while value.endswith((")", "]")) and value.count("(") < value.count(")"):
        value = value[:-1]
    return value if _is_kept(normalise_doi, value) else ""


def pmid(text: object) -> str:
    """Return the number in PubMed, "" for anything else, as “NA” or 0."""
    value = re.sub(r"^(?:pmid|medline|pubmed)?[:\s]*", "", tidy(text), flags=re.IGNORECASE)
    return value if value and _is_kept(normalise_pmid, value) else ""


def pmid_of(number: object, base: str) -> str:
    """Return the number of a record in PubMed, if the database that it names is that.

    A number of some other database looks alike.
    """
    found = pmid(number)
    return found if _PUBMED.search(base) or (found and not base and len(found) >= 7) else ""


def keywords(values) -> str:
    """Return keywords as one text, as CSL has them; MeSH terms have commas in them."""
    return "; ".join(dict.fromkeys(filter(None, (tidy(value).strip(" ;,") for value in values))))


def parted(text: object) -> list[str]:
    """Return the keywords of such a text."""
    return [word for word in (part.strip() for part in str(text or "").split(";")) if word]


def issn(text: object) -> str:
    """Return the first ISSN of a text as `0007-1048 (Print) 0007-1048`, else the text."""
    found = re.search(r"\b(\d{4})-?(\d{3}[\dXx])\b", tidy(text))
    return f"{found[1]}-{found[2].upper()}" if found else tidy(text)


def without_stop(title: str) -> str:
    """Return a title without the full stop that PubMed puts after each."""
    return title[:-1].rstrip() if title.endswith(".") and not title.endswith("..") else title


def pmcid(text: object) -> str:
    value = re.sub(r"^pmcid:\s*", "", tidy(text), flags=re.IGNORECASE).upper()
    value = value.split(" ")[0].split(".")[0]
    return value if value and _is_kept(normalise_pmcid, value) else ""


def _is_kept(normalise, value: str) -> bool:
    try:
        return normalise(value) is not None
    except ValidationError:
        return False


def address(text: object) -> str:
    """Return an address of the web, "" for anything else."""
    found = re.search(r"https?://[^\s\"<>]+", tidy(text))
    return found[0].rstrip(";,") if found else ""


def finish(item: dict) -> dict:
    """Return an item with its empty fields left out, in the order of their names."""
    return {name: item[name] for name in sorted(item) if item[name] not in ("", None, [], {})}


def with_people(item: dict, authors, editors=()) -> dict:
    """Return an item with its authors and editors."""
    item["author"], is_cut = people(authors)
    item["editor"], _ = people(editors)
    if is_cut:
        item["custom"] = item.get("custom", {}) | {"authors_truncated": True}
    return item

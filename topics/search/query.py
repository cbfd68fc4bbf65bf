"""From what somebody types to what is searched for.

    "graft failure" cord blood -autologous kind:therapy certainty:high year:2018-2024

Words in quotation marks stand together, a minus excludes, `name:value` narrows; everything else is
a word that is preferred and not required.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from references.identifiers import normalise_doi
from references.models import StudyType
from topics.choices import Area, Certainty, Kind
from topics.search import text

LONGEST = 200
PART = re.compile(
    r"""(?P<minus>(?<!\S)[-−])?
        (?: ["“”„](?P<phrase>[^"“”„]+)["“”„]?
          | (?P<name>[a-z]+):(?P<value>[^\s"]+)
          | (?P<word>\S+) )""",
    re.VERBOSE | re.IGNORECASE,
)
CHOICES = {"kind": Kind, "area": Area, "certainty": Certainty, "study": StudyType}
YEARS = re.compile(r"(\d{4})(?:(?:-|\.\.|–)(\d{4}))?")
# Words that narrow.
NARROWING = (*CHOICES, "year")
# What names one publication, trial or code by itself.
IDENTIFIERS = {
    "doi": re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.I),
    "pmcid": re.compile(r"(?:pmcid:\s*)?(PMC\d{4,10})", re.I),
    "pmid": re.compile(r"(?:pmid:?\s*)?(\d{5,9})", re.I),
    "code": re.compile(
        r"(?:[a-z][a-z0-9 -]{1,10}[:|]\s*)?([a-z0-9][a-z0-9:.-]{1,18}\d[a-z0-9]*)", re.I
    ),
}


@dataclass
class Fault:
    """Why one narrowing could not be understood. `allowed` has its values if they are few."""

    name: str
    words: str
    allowed: tuple[str, ...] = ()

    def __str__(self):
        return self.words


@dataclass
class Query:
    """What is searched for: words, phrases and excluded words as lexemes, and what narrows it.

    `faults` says in words which narrowing could not be understood, with the name of each.
    """

    typed: str
    words: str = ""
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    excluded: list[tuple[str, ...]] = field(default_factory=list)
    narrowed: dict[str, list[str]] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not text.key(self.words)

    @property
    def sources(self) -> dict:
        """What the publications must be like that are found, or that a found statement cites."""
        found = {"study_type__in": self.narrowed.get("study"), "year__range": self.years}
        return {name: value for name, value in found.items() if value}

    @property
    def sifts(self) -> bool:
        """Whether each thing that was found must still be read, to see whether it fits."""
        return bool(self.phrases or self.excluded)

    @property
    def is_narrow(self) -> bool:
        """Whether only a part of what there is may be found."""
        return bool(self.narrowed or self.years or self.phrases or self.excluded)

    def narrow(self, name: str, values: Iterable[str]) -> None:
        """Narrow the query by what was chosen beside it."""
        for value in values:
            _narrow(self, name, value)


def parse(typed: str, chosen: QueryDict | None = None) -> Query:
    """Read what was typed. Nothing is refused; what is not understood is searched for as words.

    `chosen` is what was chosen beside it, by the names that narrow.
    """
    query = Query(typed=clean(typed))
    for name in NARROWING if chosen else ():
        query.narrow(name, chosen.getlist(name))
    words = []
    for part in PART.finditer(query.typed):
        phrase = part["phrase"]
        if part["name"] and part["name"].lower() in NARROWING and not part["minus"]:
            _narrow(query, part["name"].lower(), part["value"])
        elif phrase or part["minus"]:
            lexemes = tuple(text.key(phrase or part["word"] or part.group()).split())
            if part["minus"]:
                query.excluded += [lexemes] if lexemes else []
            else:
                query.phrases += [lexemes] if lexemes else []
                words.append(phrase)
        else:
            words.append(part.group())
    query.words = " ".join(words)
    return query


def _narrow(query: Query, name: str, value: str) -> None:
    if name == "year":
        years = YEARS.fullmatch(value)
        first, last = (int(years[1]), int(years[2] or years[1])) if years else (1, 0)
        if first <= last:
            query.years = (first, last)
        else:
            fault = _("Write a year as year:2020 or years as year:2018-2024.")
            query.faults.append(Fault(name, fault))
        return
    found = [one for one in value.lower().split(",") if one in CHOICES[name].values]
    if found:
        query.narrowed.setdefault(name, []).extend(found)
    else:
        known = ", ".join(CHOICES[name].values)
        fault = _("“{value}” is not known as {name}. Choose one of: {known}.")
        told = fault.format(value=value, name=name, known=known)
        query.faults.append(Fault(name, told, tuple(CHOICES[name].values)))


def put_right(words: str, corrections: dict[str, str]) -> str:
    """Return words with those that were mistyped put right; the same letters inside a longer word
    are none."""
    for wrong, right in corrections.items():
        words = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", lambda _found, to=right: to, words)
    return words


def clean(typed: str) -> str:
    """Return what was typed without signs that cannot be printed, and not too long."""
    return "".join(sign for sign in typed if sign.isprintable() or sign.isspace()).strip()[:LONGEST]


def without_narrowing(typed: str) -> tuple[str, dict[str, list[str]]]:
    """Return a query without its `name:value` parts, and these by name, one value each."""
    found: dict[str, list[str]] = {}
    kept = []
    for part in PART.finditer(clean(typed)):
        name = (part["name"] or "").lower()
        if name in NARROWING and not part["minus"]:
            values = [part["value"]] if name == "year" else part["value"].lower().split(",")
            found.setdefault(name, []).extend(values)
        else:
            kept.append(part.group())
    return " ".join(kept), found


def identifiers(typed: str) -> dict[str, str]:
    """Return what the whole of a query may be as an identifier, by the kind of that."""
    found = {}
    for kind, form in IDENTIFIERS.items():
        if match := form.fullmatch(clean(typed)):
            found[kind] = normalise_doi(match[1]) if kind == "doi" else match[1].upper()
    return found

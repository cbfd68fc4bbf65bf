"""Simple search: parameters as FHIR has them, and one page of what they find.

As FHIR wants it, a parameter that the server does not know is passed over, and the `self` link says
which were used; who sends `Prefer: handling=strict` has it refused.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.http import QueryDict
from django.utils.http import urlencode

from references.models import Reference
from topics import codesystems
from topics.choices import Certainty, CodeSystem
from topics.fhir import citations, ids
from topics.fhir.outcomes import Refusal, bad_value
from topics.models import ListedCode, Listing, Statement

COUNT, MOST = 20, 100
PAGE = "_page"
# Of every request, and no filter.
COMMON = {"_count", PAGE, "_format", "_pretty"}
_APART = re.compile(r"(?<!\\),")
_NOTHING = Q(pk__in=[])

# So many values of one parameter are looked up, each of them with other queries of the database.
MOST_VALUES = 50

# What the values of a parameter mean, of which any is enough, by its modifier.
Meaning = Callable[[list[str], str], Q]


@dataclass(frozen=True)
class Parameter:
    """A search parameter: its type, what it means, its modifiers, and what is told of it."""

    kind: str
    meaning: Meaning
    about: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """One page of a search: rows of the database, how many there are, and the links."""

    rows: list
    total: int
    links: dict[str, str]


def search(
    rows: QuerySet, parameters: dict[str, Parameter], query: QueryDict, address: str, strict: bool
) -> Search:
    """Return the page that a query asks for. Raises Refusal."""
    used: list[tuple[str, str]] = []
    counted: Counter[str] = Counter()
    for typed, values in query.lists():
        name, _colon, modifier = typed.partition(":")
        known = parameters.get(name)
        if known is None:
            _pass_over(typed, parameters, strict)
            continue
        for value in values:
            choices = _choices(known, typed, modifier, value)
            counted[name] += len(choices)
            if counted[name] > MOST_VALUES:
                raise bad_value(typed, f"give at most {MOST_VALUES} values in one search.")
            rows = rows.filter(known.meaning(choices, modifier))
            used.append((typed, value))
    return _page(rows, query, used, address)


def _pass_over(name: str, parameters: dict[str, Parameter], strict: bool) -> None:
    if strict and name not in COMMON:
        known = ", ".join(sorted({*parameters, *COMMON}))
        raise Refusal(400, "not-supported", f"{name[:80]} is not known. Known are {known}.", name)


def _choices(parameter: Parameter, typed: str, modifier: str, value: str) -> list[str]:
    """Return the values that are apart by commas, of which any is enough."""
    if modifier and modifier not in parameter.modifiers:
        raise bad_value(typed, f"the modifier :{modifier[:40]} is not supported.")
    choices = [one.replace("\\,", ",").strip() for one in _APART.split(value.replace("\0", ""))]
    if not all(choices):
        raise bad_value(typed, "the value is empty.")
    return choices


def _page(rows: QuerySet, query: QueryDict, used: list, address: str) -> Search:
    count, number = _number(query, "_count", COUNT, least=0), _number(query, PAGE, 1, least=1)
    count = min(count, MOST)
    total, start = rows.count(), (number - 1) * count
    shown = list(rows[start : start + count]) if count else []

    def link(page: int) -> str:
        told = [*used, ("_count", count), *([(PAGE, page)] if page > 1 else [])]
        return f"{address}?{urlencode(told)}"

    links = {"self": link(number), "first": link(1)}
    if start + count < total and count:
        links["next"] = link(number + 1)
    if number > 1:
        links["previous"] = link(number - 1)
    return Search(shown, total, links)


def _number(query: QueryDict, name: str, default: int, least: int) -> int:
    values = query.getlist(name)
    if not values:
        return default
    is_number = re.fullmatch(r"\d{1,6}", values[0], re.ASCII)
    if len(values) > 1 or not is_number or int(values[0]) < least:
        raise bad_value(name, f"give one whole number from {least}.")
    return int(values[0])


def _token(value: str) -> tuple[str | None, str]:
    """Return system and code; the system is None where none is named."""
    system, bar, code = value.rpartition("|")
    return (system if bar else None), code


def _string(column: str) -> Meaning:
    looks = {"": "istartswith", "contains": "icontains", "exact": "exact"}
    return lambda values, modifier: _any(Q(**{f"{column}__{looks[modifier]}": v}) for v in values)


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, _NOTHING)


def _topic_ids(values: list[str], modifier: str) -> Q:
    return _topics(values, "")


def _topics(values: list[str], place: str) -> Q:
    """Return the condition that a listing is one of those that ids name; `place` leads to it."""
    numbers, slugs = ids.topics(values)
    return Q(**{f"{place}slug__in": slugs}) | Q(**{f"{place}topic__in": numbers})


def _slugs(values: list[str], modifier: str) -> Q:
    tokens = map(_token, values)
    return Q(
        slug__in=[slug for given, slug in tokens if given is None or given.endswith("/topics")]
    )


def _codes(values: list[str], modifier: str) -> Q:
    """Return the condition that a topic has a code that was found in a released table."""
    wanted: dict[CodeSystem | None, set[str]] = {}
    for given, code in map(_token, values):
        system = codesystems.named(given) if given else None
        if given is not None and system is None:
            continue
        for one in [system] if system else codesystems.PREFIXED:
            spelt = codesystems.spellings(code, one)
            wanted.setdefault(system, set()).update(each.upper() for each in spelt)
    same = _any(
        Q(upper__in=codes, **({"system": system} if system else {}))
        for system, codes in wanted.items()
    )
    codes = ListedCode.objects.alias(upper=Upper("code")).filter(same, verified=True)
    return Q(pk__in=codes.values("listing"))


def _identifiers(values: list[str], modifier: str) -> Q:
    """Return the condition that a publication has a number, in the system if one is named."""
    wanted: dict[str, list[str]] = {}
    for given, number in map(_token, values):
        for column in _columns(given):
            wanted.setdefault(column, []).append(_AS_WRITTEN.get(column, str)(number))
    return _any(Q(**{f"{column}__in": numbers}) for column, numbers in wanted.items())


_BY_SYSTEM = {citations.DOI: "doi", citations.PUBMED: "pmid", citations.PMC: "pmcid"}
_AS_WRITTEN = {"doi": str.lower, "pmcid": str.upper}
_KEYS = ("key", "merged__key")


def _columns(system: str | None) -> tuple[str, ...]:
    """Return the columns that have the identifiers of a system, all of them if none is named."""
    if system is None:
        return (*_BY_SYSTEM.values(), *_KEYS)
    if system.endswith("/references"):
        return _KEYS
    known = _BY_SYSTEM.get(system.rstrip("/").replace("http://", "https://"))
    return (known,) if known else ()


def _keys(values: list[str], modifier: str) -> Q:
    return Q(key__in=[ids.key_of(value) for value in values])


def _statement_ids(values: list[str], modifier: str) -> Q:
    """Return the condition that a statement has an id, which names its topic by number."""
    found: list[Q] = []
    hidden: set[int] = set()
    for value in values:
        topic, _dot, anchor = value.partition(".")
        if not re.fullmatch(r"\d{1,18}", topic, re.ASCII):
            continue
        if anchor.startswith("."):
            hidden.add(int(topic))
        else:
            found.append(Q(listing=int(topic), anchor=anchor))
    rows = Statement.objects.filter(listing__in=hidden).values_list("pk", "listing_id", "anchor")
    meant = [pk for pk, topic, name in rows if ids.of_statement(topic, name) in values]
    return _any([*found, Q(pk__in=meant)])


def _artifacts(values: list[str], modifier: str) -> Q:
    parts = [value.rpartition("/") for value in values]
    meant = [
        ident
        for kind, _slash, ident in parts
        if kind in ("", "Composition") or kind.endswith("/fhir/Composition")
    ]
    return _topics(meant, "listing__")


_STRING_MODIFIERS = ("contains", "exact")
OF_TOPICS = {
    "_id": Parameter("token", _topic_ids, "Id of the resource."),
    "identifier": Parameter("token", _slugs, "The topic's slug."),
    "title": Parameter(
        "string", _string("title"), "Beginning of the title; also :contains and :exact.",
        _STRING_MODIFIERS,
    ),
    "code": Parameter("token", _codes, "A code of the subject, as system|code or code."),
}  # fmt: skip
OF_PUBLICATIONS = {
    "_id": Parameter("token", _keys, "Id of the resource."),
    "identifier": Parameter(
        "token", _identifiers, "DOI, PMID, PMCID or key, as system|value or value."
    ),
    "title": Parameter(
        "string", _string("title"), "Beginning of the title; also :contains and :exact.",
        _STRING_MODIFIERS,
    ),
}  # fmt: skip
OF_ASSESSMENTS = {
    "_id": Parameter("token", _statement_ids, "Id of the resource."),
    "artifact": Parameter("reference", _artifacts, "The Composition that it is about."),
}


def topics() -> QuerySet[Listing]:
    return Listing.objects.only("slug").order_by("slug")


def publications() -> QuerySet[Reference]:
    return Reference.objects.listed().with_notices().order_by("key").distinct()


def graded_statements() -> QuerySet[Statement]:
    graded = Statement.objects.exclude(certainty=Certainty.UNGRADED)
    rows = graded.select_related("listing").only("anchor", "listing__slug")
    return rows.order_by("listing__slug", "position")

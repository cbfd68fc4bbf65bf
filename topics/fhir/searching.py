"""Simple search: parameters as FHIR has them, and one page of what they find.

As FHIR wants it, a parameter that the server does not know is passed over, and the `self` link says
which were used; who sends `Prefer: handling=strict` has it refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from references.models import Reference
from topics import codesystems
from topics.choices import Certainty
from topics.fhir import citations, ids
from topics.fhir.outcomes import Refusal, bad_value
from topics.models import ListedCode, Listing, Statement
from topics.reading import NotPublished

COUNT, MOST = 20, 100
PAGE = "_page"
# Of every request, and no filter.
COMMON = {"_count", PAGE, "_format", "_pretty"}
_APART = re.compile(r"(?<!\\),")
_NOTHING = Q(pk__in=[])

# What a value of a parameter means, by its modifier.
Meaning = Callable[[str, str], Q]


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
    for typed, values in query.lists():
        name, _colon, modifier = typed.partition(":")
        known = parameters.get(name)
        if known is None:
            _pass_over(typed, parameters, strict)
            continue
        for value in values:
            rows = rows.filter(_condition(known, typed, modifier, value))
            used.append((typed, value))
    return _page(rows, query, used, address)


def _pass_over(name: str, parameters: dict[str, Parameter], strict: bool) -> None:
    if strict and name not in COMMON:
        known = ", ".join(sorted({*parameters, *COMMON}))
        raise Refusal(400, "not-supported", f"{name[:80]} is not known. Known are {known}.", name)


def _condition(parameter: Parameter, typed: str, modifier: str, value: str) -> Q:
    """Return what a value asks for; of several, apart by commas, any is enough."""
    if modifier and modifier not in parameter.modifiers:
        raise bad_value(typed, f"the modifier :{modifier[:40]} is not supported.")
    choices = [one.replace("\\,", ",").strip() for one in _APART.split(value.replace("\0", ""))]
    if not all(choices):
        raise bad_value(typed, "the value is empty.")
    return reduce(or_, [parameter.meaning(one, modifier) for one in choices])


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
    return lambda value, modifier: Q(**{f"{column}__{looks[modifier]}": value})


def _topic_id(value: str, modifier: str) -> Q:
    try:
        return Q(slug=ids.slug_of(value))
    except NotPublished:
        return _NOTHING


def _slug(value: str, modifier: str) -> Q:
    system, slug = _token(value)
    return Q(slug=slug) if system is None or system.endswith("/topics") else _NOTHING


def _code(value: str, modifier: str) -> Q:
    """Return the condition that a topic has a code that was found in a released table."""
    given, code = _token(value)
    system = codesystems.named(given) if given else None
    if given is not None and system is None:
        return _NOTHING
    spelt = [
        (one, written)
        for one in ([system] if system else codesystems.PREFIXED)
        for written in codesystems.spellings(code, one)
    ]
    same = reduce(or_, [Q(code__iexact=written) for _, written in spelt])
    codes = ListedCode.objects.filter(same, verified=True)
    codes = codes.filter(system=system) if system else codes
    return Q(pk__in=codes.values("listing"))


def _identifier(value: str, modifier: str) -> Q:
    """Return the condition that a publication has a number, in the system if one is named."""
    given, number = _token(value)
    columns = {
        citations.DOI: Q(doi=number.lower()),
        citations.PUBMED: Q(pmid=number),
        citations.PMC: Q(pmcid=number.upper()),
    }
    if given is None:
        return reduce(or_, columns.values()) | Q(key=number) | Q(merged__key=number)
    if given.endswith("/references"):
        return Q(key=number) | Q(merged__key=number)
    known = given.rstrip("/").replace("http://", "https://")
    return columns.get(known, _NOTHING)


def _statement_id(value: str, modifier: str) -> Q:
    topic, _dot, anchor = value.partition(".")
    if not re.fullmatch(r"\d{1,18}", topic, re.ASCII):
        return _NOTHING
    if not anchor.startswith("."):
        return Q(listing=int(topic), anchor=anchor)
    names = Statement.objects.filter(listing=int(topic)).values_list("anchor", flat=True)
    meant = [name for name in names if ids.of_statement(int(topic), name) == value]
    return Q(listing=int(topic), anchor__in=meant)


def _artifact(value: str, modifier: str) -> Q:
    kind, _slash, ident = value.rpartition("/")
    if kind and kind != "Composition" and not kind.endswith("/fhir/Composition"):
        return _NOTHING
    try:
        return Q(listing__slug=ids.slug_of(ident))
    except NotPublished:
        return _NOTHING


_STRING_MODIFIERS = ("contains", "exact")
OF_TOPICS = {
    "_id": Parameter("token", _topic_id, "Id of the resource."),
    "identifier": Parameter("token", _slug, "The topic's slug."),
    "title": Parameter(
        "string", _string("title"), "Beginning of the title; also :contains and :exact.",
        _STRING_MODIFIERS,
    ),
    "code": Parameter("token", _code, "A code of the subject, as system|code or code."),
}  # fmt: skip
OF_PUBLICATIONS = {
    "_id": Parameter("token", lambda value, _: Q(key=ids.key_of(value)), "Id of the resource."),
    "identifier": Parameter(
        "token", _identifier, "DOI, PMID, PMCID or key, as system|value or value."
    ),
    "title": Parameter(
        "string", _string("title"), "Beginning of the title; also :contains and :exact.",
        _STRING_MODIFIERS,
    ),
}  # fmt: skip
OF_ASSESSMENTS = {
    "_id": Parameter("token", _statement_id, "Id of the resource."),
    "artifact": Parameter("reference", _artifact, "The Composition in which the statement stands."),
}


def topics() -> QuerySet[Listing]:
    return Listing.objects.only("slug").order_by("slug")


def publications() -> QuerySet[Reference]:
    return Reference.objects.listed().with_notices().order_by("key").distinct()


def graded_statements() -> QuerySet[Statement]:
    graded = Statement.objects.exclude(certainty=Certainty.UNGRADED)
    rows = graded.select_related("listing").only("anchor", "listing__slug")
    return rows.order_by("listing__slug", "position")

"""Publications by their identifiers: which registry is asked for what, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

from django.core.exceptions import ValidationError
from django.utils import timezone

from references.formats import csl_json
from references.models import Reference
from references.registries import (
    client,
    clinicaltrials,
    crossref,
    datacite,
    openlibrary,
    pmc,
    pubmed,
)
from references.registries.client import Session
from references.registries.faults import Failed, NotFound, NotUnderstood, Unreachable
from references.registries.recognising import Identifier

# The registries that may know it, the likeliest first.
REGISTRIES = {
    "pmid": (pubmed,),
    "doi": (crossref, datacite),
    "isbn": (openlibrary,),
    "nct": (clinicaltrials,),
}
# What an answer of another form than described makes a reader stumble over.
STUMBLES = (AttributeError, IndexError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class Found:
    """What became of an identifier: a CSL-JSON item, or why there is none."""

    item: dict | None = None
    fault: str = ""


def look_up(wanted: Iterable[Identifier], session: Session | None = None) -> dict:
    """Return what was found of each identifier: `{Identifier: Found}`.

    Of which registry an item is, and when it was read there, stands in it as `custom.registry`.
    """
    session, wanted = session or Session(), list(dict.fromkeys(wanted))
    converted = _ask((pmc,), [one.value for one in wanted if one.kind == "pmcid"], session)
    stands_for = {one: _converted(one, converted) for one in wanted}
    asked = {one for one in stands_for.values() if isinstance(one, Identifier)}
    found: dict[Identifier, Found] = {}
    for kind, registries in REGISTRIES.items():
        values = [one.value for one in stands_for.values() if one in asked and one.kind == kind]
        told = _ask(registries, list(dict.fromkeys(values)), session)
        found |= {Identifier(kind, value): _as_found(given) for value, given in told.items()}
    return {
        one: _with_pmcid(one, found[other]) if isinstance(other, Identifier) else other
        for one, other in stands_for.items()
    }


def _converted(one: Identifier, converted: dict) -> Identifier | Found:
    """Return what is asked for in place of an identifier, or that it cannot be."""
    if one.kind != "pmcid":
        return one
    told = converted[one.value]
    return Found(fault=told) if isinstance(told, str) else told


def _with_pmcid(one: Identifier, found: Found) -> Found:
    """Return what was found by a PMCID with this number, which Crossref does not know."""
    if found.item and one.kind == "pmcid":
        return Found(found.item | {"PMCID": one.value})
    return found


def _as_found(given: dict | str) -> Found:
    """Return an item that the library can take, or why there is none."""
    if isinstance(given, str):
        return Found(fault=given)
    try:
        Reference(key="", csl=given).read_csl()
    except ValidationError as error:
        name = given["custom"]["registry"]["name"]
        return Found(fault=f"What {name} has is too little. {' '.join(error.messages)}")
    return Found(given)


def _ask(registries: tuple[ModuleType, ...], values: list[str], session: Session) -> dict:
    """Return for each value what the first registry that knows it told, or why none did."""
    told: dict = {}
    for registry in registries:
        # Another registry is asked only for what this one says that it does not know.
        left = [value for value in values if isinstance(told.get(value, NotFound()), NotFound)]
        for start in range(0, len(left), registry.AT_ONCE):
            told |= _ask_one(registry, left[start : start + registry.AT_ONCE], session)
    labels = " and ".join(registry.LABEL for registry in registries)
    verb = "do" if len(registries) > 1 else "does"
    return {
        value: f"{labels} {verb} not know it." if isinstance(given, NotFound) else given
        for value, given in told.items()
    }


def _ask_one(registry: ModuleType, values: list[str], session: Session) -> dict:
    """Return what one registry told of each value: an item, NotFound, or a sentence why not."""
    try:
        answer = session.get(registry.address(values), registry.ACCEPT)
        found = _read(registry, answer.body, values)
    except NotFound as error:
        return dict.fromkeys(values, error)
    except Unreachable as error:
        return dict.fromkeys(values, f"{registry.LABEL} cannot be reached. {error}")
    except Failed as error:
        return dict.fromkeys(values, f"{registry.LABEL} gave no answer that can be used. {error}")
    if len(found) == len(values):
        client.keep(answer)
    read_on = timezone.localdate(answer.read_at).isoformat()
    source = {"name": registry.LABEL, "read_on": read_on}
    return {
        value: _signed(found[value], source) if value in found else NotFound() for value in values
    }


def _read(registry: ModuleType, body: bytes, values: list[str]) -> dict:
    try:
        return registry.read(body, values)
    except STUMBLES as error:
        raise NotUnderstood("Its answer has not the form that is described.") from error


def _signed(given: dict | Identifier, source: dict) -> dict | Identifier:
    """Return an item with the registry that it is from."""
    if isinstance(given, Identifier):
        return given
    return csl_json.clean(given) | {"custom": given.get("custom", {}) | {"registry": source}}

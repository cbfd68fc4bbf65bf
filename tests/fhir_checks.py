"""Whether a resource is FHIR R5: by the models of `fhir.resources`, by HL7's own JSON schema, and
by the codes that its elements are bound to, which neither of those looks at."""

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from jsonschema import Draft6Validator
from lxml import etree

FOLDER = Path(__file__).resolve().parent / "fhir"
TERMINOLOGIES = {
    "https://www.nlm.nih.gov/mesh", "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm", "http://www.whocc.no/atc",
    "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct",
    "https://www.orpha.net", "http://purl.obolibrary.org/obo/mondo.owl", "http://www.omim.org",
    "http://purl.obolibrary.org/obo/cl.owl", "urn:ietf:bcp:47",
}  # fmt: skip
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
# What XHTML may have in a narrative, as far as the portal uses it.
ALLOWED = {"div", "p", "i", "table", "thead", "tbody", "tr", "th", "td"}


@cache
def codes() -> dict[str, set[str]]:
    found = json.loads((FOLDER / "code_systems.json").read_text())["systems"]
    return {system: set(known) for system, known in found.items()}


@cache
def bindings() -> dict[str, dict]:
    return json.loads((FOLDER / "bindings.json").read_text())


@cache
def _definitions() -> dict:
    with gzip.open(FOLDER / "fhir.r5.schema.json.gz") as file:
        return json.load(file)["definitions"]


@cache
def _validator(kind: str) -> Draft6Validator:
    return Draft6Validator({"$ref": f"#/definitions/{kind}", "definitions": _definitions()})


def faults(resource: dict) -> list[str]:
    """Return what is wrong with a resource and with those in it."""
    kind = resource["resourceType"]
    by_codes = [*_by_codes(resource), *_by_bindings(resource, kind)]
    return [*_by_model(resource), *_by_schema(resource), *by_codes, *_by_rules(resource)]


def check(resource: dict) -> dict:
    assert not (found := faults(resource)), found[:5]
    return resource


def _by_model(resource: dict) -> Iterator[str]:
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.{kind.lower()}"), kind)
    try:
        model.model_validate(resource)
    except ValueError as error:
        yield f"model: {str(error)[:600]}"


def _by_schema(resource: dict) -> Iterator[str]:
    # The schema of a Bundle tries each kind for each entry, which says nothing of what is wrong.
    whole = {name: value for name, value in resource.items() if name != "contained"}
    if "entry" in resource:
        whole["entry"] = [
            {name: value for name, value in each.items() if name != "resource"}
            for each in resource["entry"]
        ]
    inner = [each["resource"] for each in resource.get("entry", []) if "resource" in each]
    for each in [*resource.get("contained", []), *inner]:
        yield from _by_schema(each)
    for fault in _validator(resource["resourceType"]).iter_errors(whole):
        yield f"schema: {list(fault.absolute_path)}: {fault.message[:300]}"


def _walk(value, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, path)
        return
    yield path, value
    if isinstance(value, dict):
        # A resource in another one is at the beginning of its own paths.
        own = value.get("resourceType", path)
        for name, each in value.items():
            yield from _walk(each, f"{own}.{name}")


def _by_codes(resource: dict) -> Iterator[str]:
    for path, value in _walk(resource, resource["resourceType"]):
        if isinstance(value, dict) and "code" in value and "system" in value:
            yield from _in_system(path, value["system"], value["code"])


def _by_bindings(value, path: str) -> Iterator[str]:
    """Check the codes of elements that FHIR binds to a value set, whatever system they name."""
    if isinstance(value, list):
        for each in value:
            yield from _by_bindings(each, path)
    if not isinstance(value, dict):
        return
    own = value.get("resourceType", path)
    for name, each in value.items():
        place = f"{own}.{name}"
        if place in bindings()["bindings"]:
            yield from _bound(place, each)
        yield from _by_bindings(each, bindings()["types"].get(place, place))


def _bound(place: str, value) -> Iterator[str]:
    strength, address = bindings()["bindings"][place]
    known = bindings()["value_sets"][address]
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            if not any(each in found for found in known.values()):
                yield f"binding: {place}: {each!r} is not in {address}"
            continue
        codings = each.get("coding", []) if "code" not in each else [each]
        inside = [one["code"] in known.get(one["system"], ()) for one in codings]
        # Words alone will do where the set lacks a concept; what is preferred may be of elsewhere.
        is_needed = strength == "required" or (strength == "extensible" and codings)
        foreign = [one["system"] not in known for one in codings]
        is_wrong = not all(is_in or other for is_in, other in zip(inside, foreign, strict=True))
        if is_wrong or (is_needed and not any(inside)):
            yield f"binding: {place}: {codings} is not in {address}"


def _in_system(path: str, system: str, code: str) -> Iterator[str]:
    if system in TERMINOLOGIES:
        return
    if code not in codes().get(system, ()):
        yield f"code: {path}: {system} has no {code!r}"


def _by_rules(resource: dict) -> Iterator[str]:
    """Check what stands in words in the specification."""
    ids = {each["id"] for each in resource.get("contained", [])}
    for path, value in _walk(resource, resource["resourceType"]):
        if value in ("", [], {}, None):
            yield f"empty: {path}"
        if not isinstance(value, dict):
            continue
        if "div" in value:
            yield from _by_narrative(path, value["div"])
        if "resourceType" in value and "id" in value and not ID.fullmatch(value["id"]):
            yield f"id: {value['id']}"
        own = value.get("reference", "")
        if resource["resourceType"] != "Bundle" and isinstance(own, str) and own.startswith("#"):
            ids.discard(own[1:])
    if ids:
        yield f"contained, and nowhere referred to: {ids}"
    if resource["resourceType"] == "Bundle":
        yield from _by_rules_of_bundles(resource)


def _by_narrative(path: str, div: str) -> Iterator[str]:
    root = etree.fromstring(div)
    tags = {etree.QName(each).localname for each in root.iter()}
    if etree.QName(root).namespace != "http://www.w3.org/1999/xhtml" or tags - ALLOWED:
        yield f"narrative: {path}: {tags - ALLOWED}"
    if not "".join(root.itertext()).strip():
        yield f"narrative: {path} says nothing"


def _by_rules_of_bundles(bundle: dict) -> Iterator[str]:
    entries = bundle.get("entry", [])
    addresses = [each["fullUrl"] for each in entries]
    if len(addresses) != len(set(addresses)):
        yield "bundle: an address stands there twice"
    for each in entries:
        own = each["resource"]
        if not each["fullUrl"].endswith(f"/fhir/{own['resourceType']}/{own['id']}"):
            yield f"bundle: {each['fullUrl']}"
        yield from _by_rules(own)
    if bundle["type"] == "document":
        if entries[0]["resource"]["resourceType"] != "Composition":
            yield "bundle: a document begins with its Composition"
        if not bundle["identifier"].keys() >= {"system", "value"} or "timestamp" not in bundle:
            yield "bundle: a document has an identifier and a moment"
        yield from _unresolved(bundle)


def _unresolved(bundle: dict) -> Iterator[str]:
    """Yield references that lead out of a document, and what nothing in it refers to."""
    there = {each["fullUrl"].split("/fhir/")[1] for each in bundle["entry"]}
    referred = {
        value["reference"]
        for _, value in _walk(bundle, "Bundle")
        if isinstance(value, dict) and isinstance(value.get("reference"), str)
    }
    outside = {one for one in referred if not one.startswith("#")} - there
    yield from (f"bundle: {one} is not there" for one in outside)
    alone = there - referred - {bundle["entry"][0]["fullUrl"].split("/fhir/")[1]}
    yield from (f"bundle: nothing refers to {one}" for one in alone)

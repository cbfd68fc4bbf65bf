"""The addresses of FHIR: what the server can do, one resource, one version of it, and search."""

import hashlib
import json
import logging
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from hsc_portal.pages import CACHE_CONTROL, origin
from references.models import Reference
from topics import reading
from topics.fhir import assessments, bundles, capability, ids, searching
from topics.fhir.citations import citation
from topics.fhir.compositions import composition, document_reference
from topics.fhir.outcomes import Refusal, not_found, outcome
from topics.models import PublishedSlug
from topics.present import of_one_moment
from topics.reading import Reading

logger = logging.getLogger(__name__)

FHIR_JSON = "application/fhir+json"
METHODS = "GET, HEAD, OPTIONS"
_ACCEPTED = re.compile(r"json|\*/\*|application/\*|text/html|^\s*$")
_FORMATS = ("json", "application/json", FHIR_JSON, "text/json")
# What is made of one edition. An edition never changes, but what a document says of its
# publications does, so that has no day by which a copy could be kept.
OF_TOPICS: dict[str, Callable[[Reading, str], dict]] = {
    "Composition": composition,
    "DocumentReference": document_reference,
    "Bundle": bundles.document,
}


def fhir(view):
    """Let a view return a resource or raise why there is none, and answer as FHIR wants it."""

    @csrf_exempt
    @wraps(view)
    def answering(request: HttpRequest, **named) -> HttpResponse:
        if request.method == "OPTIONS":
            return _open(HttpResponse(headers={"Allow": METHODS}), CACHE_CONTROL)
        try:
            _refuse_what_is_not_offered(request)
            return _answer(request, view(request, **named))
        except Refusal as refusal:
            return _refused(refusal)
        except reading.NotPublished:
            return _refused(not_found(named.get("kind", ""), named.get("ident", "")))
        except reading.Withdrawn as withdrawn:
            return _refused(_gone(request, withdrawn.event.note, withdrawn.edition))
        # Logged there; a client of FHIR reads nothing but an OperationOutcome.
        except Exception:
            return _failed(request)

    return answering


def _refuse_what_is_not_offered(request: HttpRequest) -> None:
    if request.method not in ("GET", "HEAD"):
        why = f"The server is read-only: use one of {METHODS}."
        raise Refusal(405, "not-supported", why, Allow=METHODS)
    wanted = request.GET.get("_format", "")
    is_offered = (
        wanted in _FORMATS if wanted else _ACCEPTED.search(request.headers.get("Accept", ""))
    )
    if not is_offered:
        raise Refusal(406, "not-supported", f"Answers are {FHIR_JSON}; nothing else is offered.")


def _answer(request: HttpRequest, resource: dict) -> HttpResponse:
    """Return a resource, or 304 to who has it. The version in the ETag is followed by a digest:
    a document names its edition, and what it says of a publication may be newer."""
    body = json.dumps(resource, ensure_ascii=False).encode()
    version = resource.get("meta", {}).get("versionId", "")
    digest = hashlib.sha256(body).hexdigest()[:16]
    # That of a publication is a digest itself.
    etag = version if resource["resourceType"] == "Citation" else f"{version}-{digest}".lstrip("-")
    etag = f'W/"{etag}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(body)
    if changed := _changed(resource):
        response.headers["Last-Modified"] = changed
    response.headers["ETag"] = etag
    return _open(response, CACHE_CONTROL)


def _changed(resource: dict) -> str:
    """Return the moment of the newest change as HTTP has it, "" where none is known."""
    last = resource.get("meta", {}).get("lastUpdated")
    return http_date(datetime.fromisoformat(last).timestamp()) if last else ""


def _refused(refusal: Refusal) -> HttpResponse:
    told = outcome(refusal.code, refusal.why, refusal.expression)
    body = json.dumps(told, ensure_ascii=False)
    response = HttpResponse(body, status=refusal.status, headers=refusal.headers)
    return _open(response, CACHE_CONTROL if refusal.status < 500 else "no-store")


def _open(response: HttpResponse, keeping: str) -> HttpResponse:
    response.headers["Content-Type"] = f"{FHIR_JSON}; charset=utf-8"
    response.headers["Cache-Control"] = keeping
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Location"
    patch_vary_headers(response, ["Accept"])
    return response


def _failed(request: HttpRequest) -> HttpResponse:
    ident = uuid.uuid4().hex
    logger.exception("FHIR error %s at %s", ident, request.path)
    got_request_exception.send(sender=None, request=request)
    why = f"Something went wrong on this side. It was logged as {ident}."
    return _refused(Refusal(500, "exception", why))


def _gone(request: HttpRequest, reason: str, edition) -> Refusal:
    title = edition.revision.document["title"]
    history = f"{origin(request)}/api/v1/topics/{edition.revision.document['slug']}/editions/"
    why = f"“{title}” was withdrawn: {reason} Its editions are listed at {history}"
    return Refusal(410, "deleted", why)


@fhir
def metadata(request: HttpRequest) -> dict:
    return capability.capability(origin(request))


@fhir
def nothing(request: HttpRequest, path: str = "") -> dict:
    raise Refusal(404, "not-found", "There is nothing at this address. See /fhir/metadata.")


@fhir
def read(request: HttpRequest, kind: str, ident: str, version: str = "") -> dict:
    """One resource as it is now, or in one version."""
    if kind == "Citation":
        return _citation(request, ident, version)
    if kind not in capability.RESOURCES:
        raise Refusal(404, "not-supported", f"The server has no {kind[:64]}.")
    is_statement = kind == "ArtifactAssessment"
    slug = ids.topic_of_statement(ident) if is_statement else ids.slug_of(ident)
    own = origin(request)

    def make(found: Reading) -> dict:
        if found.withdrawal:
            raise _gone(request, found.withdrawal.reason, found.edition)
        if is_statement:
            return assessments.one_of(found, ident, own)
        return OF_TOPICS[kind](found, own)

    try:
        return reading.steadily(lambda: _find(slug, version), make)
    except reading.Moved as moved:
        raise _moved(own, kind, moved.slug, version) from moved


def _find(slug: str, version: str) -> Reading:
    """Return the current edition, or the one whose number is a version. Raises NotPublished."""
    if not version:
        return reading.current(slug)
    if not re.fullmatch(r"[1-9]\d{0,8}", version, re.ASCII):
        raise reading.NotPublished(slug)
    return reading.edition(slug, int(version))


def _moved(own: str, kind: str, slug: str, version: str) -> Refusal:
    number = PublishedSlug.objects.get(slug=slug).topic_id
    address = f"{own}/fhir/{kind}/{ids.of_topic(slug, number)}"
    address += f"/_history/{version}" if version else ""
    return Refusal(301, "informational", f"The topic is at {address} now.", Location=address)


def _citation(request: HttpRequest, ident: str, version: str) -> dict:
    own, known = origin(request), Reference.objects.with_notices()
    found = known.filter(key=ids.key_of(ident)).first() if ids.FORM.fullmatch(ident) else None
    if found is None:
        raise not_found("Citation", ident)
    if found.merged_into:
        address = f"{own}/fhir/Citation/{ids.of_key(found.merged_into.key)}"
        raise Refusal(301, "informational", f"It is the same as {address}.", Location=address)
    made = citation(found, own)
    if version and version != made["meta"]["versionId"]:
        raise Refusal(404, "not-found", "Of a publication only the newest version is kept.")
    return made


@fhir
def search(request: HttpRequest, kind: str) -> dict:
    """A page of the resources that a search finds."""
    _about, parameters = capability.RESOURCES.get(kind, ("", {}))
    if not parameters:
        raise Refusal(404, "not-supported", f"The server cannot search for {kind[:64]}.")
    own = origin(request)
    strict = "handling=strict" in request.headers.get("Prefer", "").replace(" ", "")

    def page(rows) -> searching.Search:
        address = f"{own}/fhir/{kind}"
        return searching.search(rows, parameters, request.GET, address, strict)

    if kind == "Citation":
        found = page(searching.publications())
        return _searchset(found, [citation(row, own) for row in found.rows], own)
    if kind == "ArtifactAssessment":
        return _search_assessments(page, own)
    return _search_topics(page, OF_TOPICS[kind], own)


def _search_topics(page: Callable, make: Callable[[Reading, str], dict], own: str) -> dict:
    found: list[searching.Search] = []

    def find() -> list[str]:
        found[:] = [page(searching.topics())]
        return [row.slug for row in found[0].rows]

    def answer(readings: dict[str, Reading]) -> dict:
        made = [make(one, own) for one in readings.values()]
        return _searchset(found[0], made, own)

    return of_one_moment(find, answer)


def _search_assessments(page: Callable, own: str) -> dict:
    found: list[searching.Search] = []

    def find() -> list[str]:
        found[:] = [page(searching.graded_statements())]
        return [row.listing.slug for row in found[0].rows]

    def answer(readings: dict[str, Reading]) -> dict:
        wanted = {(row.listing.slug, row.anchor) for row in found[0].rows}
        made = [
            assessments.assessment(one, statement, own)
            for one in readings.values()
            for statement in assessments.graded(one.document)
            if (one.slug, statement["anchor"]) in wanted
        ]
        return _searchset(found[0], made, own)

    return of_one_moment(find, answer)


def _searchset(found: searching.Search, made: list[dict], own: str) -> dict:
    return bundles.searchset(made, found.total, found.links, own)

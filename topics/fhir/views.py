"""The addresses of FHIR: what the server can do, one resource, one version of it, and search."""

import json
import re
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import NamedTuple

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from hsc_portal.pages import CACHE_CONTROL, code_version, kept, origin
from hsc_portal.rest import allow_origins, log_failure
from references.models import Reference
from topics import reading
from topics.fhir import assessments, bundles, capability, formats, ids, moments, searching
from topics.fhir import elements as e
from topics.fhir.citations import citation
from topics.fhir.compositions import composition, document_reference
from topics.fhir.outcomes import CONTENT_TYPE, Refusal, not_found, outcome
from topics.models import Event, PublishedSlug
from topics.present import of_one_moment
from topics.reading import Reading

READING, POSTING = ("GET", "HEAD", "OPTIONS"), ("POST", "OPTIONS")
FORM = "application/x-www-form-urlencoded"
# The number of an edition, and a digest of what was told of it.
_VERSION = re.compile(r"([1-9]\d{0,8})(-[0-9a-f]{1,40})?", re.ASCII)
# What is made of one edition.
OF_TOPICS: dict[str, Callable[[Reading, str, datetime], dict]] = {
    "Composition": composition,
    "DocumentReference": document_reference,
    "Bundle": bundles.document,
}


class Told(NamedTuple):
    """A resource as it is sent, and its version; of what has no version, a digest."""

    version: str
    body: bytes


def fhir(view, methods: tuple[str, ...] = READING):
    """Let a view return a resource or raise why there is none, and answer as FHIR wants it."""

    @csrf_exempt
    @wraps(view)
    def answering(request: HttpRequest, **named) -> HttpResponse:
        allowed = ", ".join(methods)
        if request.method == "OPTIONS":
            return _open(HttpResponse(headers={"Allow": allowed}), CACHE_CONTROL)
        try:
            if request.method not in methods:
                why = f"The server is read-only: use one of {allowed} here."
                raise Refusal(405, "not-supported", why, Allow=allowed)
            formats.refuse_others(request)
            made = view(request, **named)
            return _answer(request, made if isinstance(made, Told) else _told(made))
        except Refusal as refusal:
            return _refused(refusal)
        except reading.NotPublished:
            return _refused(not_found(named.get("kind", ""), named.get("ident", "")))
        except reading.Withdrawn as withdrawn:
            return _refused(_gone(request, withdrawn.event.note, withdrawn.edition))
        except (BadRequest, SuspiciousOperation):
            why = "The request cannot be read: its host, its charset, or too many parameters."
            return _refused(Refusal(400, "invalid", why))
        # Logged there; a client of FHIR reads nothing but an OperationOutcome.
        except Exception:
            return _failed(request)

    return answering


def _told(resource: dict) -> Told:
    version = resource.get("meta", {}).get("versionId") or e.digest(resource)
    return Told(version, json.dumps(resource, ensure_ascii=False).encode())


def _answer(request: HttpRequest, told: Told) -> HttpResponse:
    """Return a resource, or 304 to who has it.

    There is no Last-Modified: a topic that is named may be withdrawn within a second of another
    change, and whoever asks by a moment would not hear of it.
    """
    if request.method == "POST":
        return _open(HttpResponse(told.body), "no-store")
    etag = f'W/"{told.version}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(told.body)
    response.headers["ETag"] = etag
    return _open(response, CACHE_CONTROL)


def _refused(refusal: Refusal) -> HttpResponse:
    told = outcome(refusal.code, refusal.why, refusal.expression)
    body = json.dumps(told, ensure_ascii=False)
    response = HttpResponse(body, status=refusal.status, headers=refusal.headers)
    return _open(response, CACHE_CONTROL if refusal.status < 500 else "no-store")


def _open(response: HttpResponse, keeping: str) -> HttpResponse:
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = keeping
    allow_origins(response)
    patch_vary_headers(response, ["Accept", "Prefer"])
    return response


def _failed(request: HttpRequest) -> HttpResponse:
    ident = log_failure(request)
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
def read(request: HttpRequest, kind: str, ident: str, version: str = "") -> dict | Told:
    """One resource as it is now, or in one version."""
    if kind == "Citation":
        return _citation(request, ident, version)
    if kind not in capability.RESOURCES:
        raise Refusal(404, "not-supported", f"The server has no {kind[:64]}.")
    slug = ids.topic_of_statement(ident) if kind == _GRADE else ids.slug_of(ident)
    make = partial(_read, request, kind, ident, version)
    try:
        told = reading.steadily(lambda: _find(slug, version), make)
    except reading.Moved as moved:
        raise _moved(origin(request), kind, moved.slug, version) from moved
    return _in_version(told, version)


def _read(request: HttpRequest, kind: str, ident: str, version: str, found: Reading) -> Told:
    if found.withdrawal:
        raise _gone(request, found.withdrawal.reason, found.edition)
    if kind == "Bundle" and not version and found.is_steady:
        return _kept_document(found, origin(request))
    return _of_edition(found, kind, ident, origin(request))


def _in_version(told: Told, version: str) -> Told:
    if "-" in version and version != told.version:
        number = version.partition("-")[0]
        why = f"Of what is told of an edition only the newest is kept: read _history/{number}."
        raise Refusal(404, "not-found", why)
    return told


_GRADE = "ArtifactAssessment"


def _of_edition(found: Reading, kind: str, ident: str, own: str) -> Told:
    changed = moments.changed([found], whole=kind == "Bundle")[found.edition_id]
    if kind == _GRADE:
        return _told(assessments.one_of(found, ident, own, changed))
    return _told(OF_TOPICS[kind](found, own, changed))


def _kept_document(found: Reading, own: str) -> Told:
    """Return a document, which may have hundreds of publications, kept or made anew.

    Whatever happens to a publication is in the log, so the newest line of that is in the key.
    """
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    key = ("fhir", code_version(), own, found.edition_id, found.state, last)

    def make() -> bytes:
        told = _of_edition(found, "Bundle", "", own)
        return zlib.compress(told.version.encode() + b"\n" + told.body)

    version, _end, body = zlib.decompress(kept.find_or_make(key, make)).partition(b"\n")
    return Told(version.decode(), body)


def _find(slug: str, version: str) -> Reading:
    """Return the current edition, or the one whose number begins a version.

    Raises NotPublished.
    """
    if not version:
        return reading.current(slug)
    found = _VERSION.fullmatch(version)
    if found is None:
        raise reading.NotPublished(slug)
    return reading.edition(slug, int(found[1]))


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
    return _search(request, kind, request.GET)


def _search_by_form(request: HttpRequest, kind: str) -> dict:
    """The same, asked for by a form, whose parameters come beside those of the address."""
    if request.content_type != FORM:
        raise Refusal(415, "not-supported", f"Send the parameters as {FORM}.")
    asked = request.GET.copy()
    asked.update(request.POST)
    return _search(request, kind, asked)


search_by_form = fhir(_search_by_form, POSTING)


def _search(request: HttpRequest, kind: str, asked: QueryDict) -> dict:
    _about, parameters = capability.RESOURCES.get(kind, ("", {}))
    if not parameters:
        raise Refusal(404, "not-supported", f"The server cannot search for {kind[:64]}.")
    own = origin(request)
    strict = "handling=strict" in request.headers.get("Prefer", "").replace(" ", "")
    address = f"{own}/fhir/{kind}"
    page = partial(
        searching.search, parameters=parameters, query=asked, address=address, strict=strict
    )
    if kind == "Citation":
        found = page(searching.publications())
        return _searchset(found, [citation(row, own) for row in found.rows], own)
    if kind == _GRADE:
        return _search_assessments(page, own)
    return _search_topics(page, OF_TOPICS[kind], own)


def _search_topics(page: Callable, make: Callable, own: str) -> dict:
    found: list[searching.Search] = []

    def find() -> list[str]:
        found[:] = [page(searching.topics())]
        return [row.slug for row in found[0].rows]

    def answer(readings: dict[str, Reading]) -> dict:
        changed = moments.changed(readings.values())
        made = [make(one, own, changed[one.edition_id]) for one in readings.values()]
        return _searchset(found[0], made, own)

    return of_one_moment(find, answer)


def _search_assessments(page: Callable, own: str) -> dict:
    found: list[searching.Search] = []

    def find() -> list[str]:
        found[:] = [page(searching.graded_statements())]
        return [row.listing.slug for row in found[0].rows]

    def answer(readings: dict[str, Reading]) -> dict:
        wanted = {(row.listing.slug, row.anchor) for row in found[0].rows}
        changed = moments.changed(readings.values())
        made = [
            assessments.assessment(one, statement, own, changed[one.edition_id])
            for one in readings.values()
            for statement in assessments.graded(one.document)
            if (one.slug, statement["anchor"]) in wanted
        ]
        return _searchset(found[0], made, own)

    return of_one_moment(find, answer)


def _searchset(found: searching.Search, made: list[dict], own: str) -> dict:
    return bundles.searchset(made, found.total, found.links, own)

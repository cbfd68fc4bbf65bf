"""How the API answers, whatever it is asked about: problems, shapes, links, caching.

It knows no app. An error is a problem in the sense of RFC 9457; a parameter that nobody understands
is refused, never ignored; each good answer has an ETag and may be kept by any cache. The ETag is
strong, but weak (`W/`) for whoever accepts gzip; either is answered with a 304.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework import exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hsc_portal.deprecating import told as told_deprecated
from hsc_portal.pages import CACHE_CONTROL, code_version, kept
from hsc_portal.shaping import EXPAND, FIELDS, Expansion, Shape

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
LICENSE_URL = settings.SPECTACULAR_SETTINGS["LICENSE"]["url"]
# The id of the newest event when the answer was made.
SEQUENCE = "Content-Sequence"
# What scripts of other sites may read of an answer beside its body.
EXPOSED = (
    "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, "
    f"{SEQUENCE}"
)

# Of every list; see querying.py.
PAGING = frozenset({"page", "page_size"})

# Each has a page of its own in the API, so that `type` leads to an explanation.
PROBLEM_TYPES = {
    "invalid-parameter": (
        400, "A parameter was not understood",
        "A name or value in the query is unknown. `errors` names each parameter, says what is "
        "wrong with it, and lists the allowed values if they are few.",
    ),
    "not-found": (404, "Not found", "Nothing was ever published at this address."),
    "method-not-allowed": (
        405, "Method not allowed",
        "The address does not know this method; the header Allow has those that it knows.",
    ),
    "not-acceptable": (
        406, "Not acceptable", "Answers are application/json; the Accept header excludes that."
    ),
    "withdrawn": (
        410, "Withdrawn",
        "The topic was published and then taken from the readers. `reason` says why, and "
        "`history` leads to its editions, which must no longer be relied on.",
    ),
    "unauthorized": (
        401, "No key that works",
        "A key was sent that is unknown, expired or revoked, or none where one is needed. "
        "`detail` says which. Reading needs no key: send none, or one that works.",
    ),
    "missing-scope": (
        403, "The key may not do this",
        "The key works, but lacks the scope that `detail` names.",
    ),
    "too-many-requests": (
        429, "Too many requests",
        "Wait as many seconds as `Retry-After` says. `RateLimit` tells with each answer how many "
        "requests are left, `RateLimit-Policy` how many there are in all.",
    ),
    "server-error": (
        500, "Internal error",
        "The fault is on this side and was logged. Quote `id` when you report it.",
    ),
}  # fmt: skip
_TYPE_OF_STATUS = {status: name for name, (status, _, _) in PROBLEM_TYPES.items()}


class Problem(exceptions.APIException):
    """An error with members of its own beside `detail`, as RFC 9457 allows."""

    def __init__(self, status: int, detail: str, **members):
        super().__init__(detail)
        self.status_code = status
        self.members = members


class InvalidParameters(Problem):
    """The query has names or values that were not understood.

    `errors` is a list of `{"parameter": …, "detail": …}`, with `allowed` where values are few.
    """

    def __init__(self, errors: list[dict]):
        detail = " ".join(f"{error['parameter']}: {error['detail']}" for error in errors)
        super().__init__(400, detail, errors=errors)


def problem_response(error: Exception, context: dict) -> Response:
    """Return the answer for an exception in a view. The setting EXCEPTION_HANDLER names it."""
    request = context["request"]
    set_rollback()
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, exceptions.ParseError):
        fault = str(error.detail).removeprefix("JSON parse error - ")
        error = InvalidParameters([{"parameter": "body", "detail": f"This is no JSON: {fault}"}])
    if not isinstance(error, exceptions.APIException):
        return _server_error(request)
    headers = {"Retry-After": str(error.wait)} if getattr(error, "wait", None) else {}
    members = getattr(error, "members", {})
    return problem(request, error.status_code, _detail(error), headers=headers, **members)


def problem(
    request, status: int, detail: str, *, headers: dict | None = None, **members
) -> Response:
    """Return a problem as an answer: type, title, status, detail, instance, then `members`."""
    name = _TYPE_OF_STATUS.get(status)
    # A bad request of another sort than a bad parameter has no type of its own.
    if status == 400 and "errors" not in members:
        name = None
    data = {
        "type": _type_url(request, name) if name else "about:blank",
        "title": PROBLEM_TYPES[name][1] if name else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.get_full_path(),
        **members,
    }
    return ProblemResponse(data, status=status, headers=headers, content_type=PROBLEM_JSON)


class ProblemResponse(Response):
    """A problem, which is JSON whatever else its view answers with, also outside of views."""

    @property
    def rendered_content(self):
        self["Content-Type"] = self.content_type
        return JSONRenderer().render(self.data)


def _type_url(request, name: str) -> str:
    try:
        return api_url(request, "problem", name)
    except DisallowedHost:
        # Of an address with a wrong host only the path can be told.
        return _path("problem", (name,))


def unknown_parameter(name: str, allowed: Iterable[str]) -> dict:
    """Return what is wrong with a parameter that a view does not have."""
    return {"parameter": name, "detail": "Unknown.", "allowed": sorted(allowed)}


def _detail(error: exceptions.APIException) -> str:
    return error.detail if isinstance(error.detail, str) else str(error.default_detail)


def _server_error(request) -> Response:
    """Log the exception under an id, and tell the client that id and nothing else."""
    ident = log_failure(request)
    got_request_exception.send(sender=None, request=request._request)
    return problem(request, 500, "Something went wrong on this side. It was logged.", id=ident)


def log_failure(request) -> str:
    """Log the exception that is being handled, and return the id under which it stands."""
    ident = uuid.uuid4().hex
    logger.exception("Error %s at %s", ident, request.path)
    return ident


def api_url(request, name: str, *args) -> str:
    """Return the absolute address of a route of the API."""
    return request.build_absolute_uri(_path(name, args))


# Finding a path takes 0.1 ms, and an answer may have hundreds of them.
@lru_cache(maxsize=20_000)
def _path(name: str, args: tuple) -> str:
    return reverse(f"api:{name}", args=args)


def add_links(response, links: dict[str, str]) -> None:
    """Add targets to the header `Link` of an answer (RFC 8288), each by its relation."""
    given = [response["Link"]] if response.has_header("Link") else []
    response["Link"] = ", ".join([*given, *(f'<{url}>; rel="{rel}"' for rel, url in links.items())])


def allow_origins(response) -> None:
    """Let pages of any site read an answer: there is nothing that is not for everybody."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED


class Cacheable:
    """A view whose answers depend on nobody, so that every cache may keep them.

    The ETag is the hash of the answer's own bytes: whatever changes in it, also by a new version
    of the portal, changes the ETag. `etag_prefix`, set by a view, stands in front of it.
    `parameters` names what a view understands in a query beside its filters. `shape` describes one
    object of its answer, of which `fields` may ask for a part, and `expansions` what `expand` may.
    """

    etag_prefix = ""
    parameters: frozenset[str] = frozenset()
    shape: type[serializers.Serializer] | None = None
    expansions: dict[str, Expansion] = {}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # A view that filters refuses unknown names itself, by querying.StrictFilterBackend.
        if not getattr(self, "filter_backends", ()):
            allowed = self.understood()
            unknown = [name for name in request.query_params if name not in allowed]
            if unknown:
                raise InvalidParameters([unknown_parameter(name, allowed) for name in unknown])
        shape = self.object_shape()
        self.asked = Shape(request.query_params, shape, self.expansions) if shape else None
        if self.asked and self.asked.faults:
            raise InvalidParameters(self.asked.faults)

    @classmethod
    def object_shape(cls) -> type[serializers.Serializer] | None:
        """Return what describes one object of the answer."""
        return cls.shape or getattr(cls, "serializer_class", None)

    def understood(self) -> frozenset[str]:
        """Return the names that may stand in a query beside those of filters."""
        paging = PAGING if getattr(self, "pagination_class", None) else frozenset()
        shaping = {FIELDS} if self.object_shape() else set()
        return self.parameters | paging | shaping | ({EXPAND} if self.expansions else set())

    def shaped(self, rows: list[dict]) -> list[dict]:
        """Return rows of the answer as they were asked for."""
        return self.asked.of(rows, self.request) if self.asked else rows

    def shaped_response(self, row: dict) -> Response:
        return Response(self.shaped([row])[0])

    def get_paginated_response(self, data):
        return super().get_paginated_response(self.shaped(data))

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        # A redirect or a "gone" without this would be kept for as long as a cache likes.
        keeping = CACHE_CONTROL if response.status_code < 500 else "no-store"
        response.headers.setdefault("Cache-Control", keeping)
        patch_vary_headers(response, ["Accept"])
        if response.status_code == 200:
            add_links(
                response, {"license": LICENSE_URL, "service-desc": api_url(request, "schema")}
            )
        if gone := told_deprecated(request.resolver_match.view_name):
            for name, value in gone.headers.items():
                response[name] = value
            add_links(response, {"deprecation": gone.explained_at})
        if response.status_code == 200 and isinstance(response, Response):
            response.add_post_render_callback(partial(_revalidate, request, self.etag_prefix))
        return response


def answer_kept(request, key: tuple, make: Callable[[], dict], prefix: str = "") -> HttpResponse:
    """Return an answer that `key` describes wholly: 304 to who has it, else kept or new JSON.

    The key and the version of the code decide the bytes, so the ETag is made of them and stays
    strong.
    """
    key = ("api", code_version(), request.build_absolute_uri("/"), *key)
    etag = f'"{prefix}{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}"'
    response = get_conditional_response(request._request, etag=etag)
    if response is None:
        body = kept.find_or_make(key, lambda: JSONRenderer().render(make()))
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    return response


def _revalidate(request, prefix: str, response):
    """Set the ETag; return a 304 in place of the response if the client has those bytes."""
    body_hash = hashlib.sha256(response.content).hexdigest()[:24]
    etag = f'"{prefix}{body_hash}"'
    response["ETag"] = etag
    return get_conditional_response(request._request, etag=etag, response=response)


class ParameterErrorSerializer(serializers.Serializer):
    """What is wrong with one parameter."""

    parameter = serializers.CharField()
    detail = serializers.CharField()
    allowed = serializers.ListField(child=serializers.CharField(), required=False)


class ProblemSerializer(serializers.Serializer):
    """An error as RFC 9457 describes it (application/problem+json)."""

    type = serializers.CharField(help_text="Address of an explanation of this type of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The path that was asked for.")


class InvalidParametersSerializer(ProblemSerializer):
    """A parameter was not understood."""

    errors = ParameterErrorSerializer(many=True)


class GoneSerializer(ProblemSerializer):
    """The topic was withdrawn."""

    reason = serializers.CharField()
    withdrawn_at = serializers.DateTimeField()
    history = serializers.URLField(help_text="Its editions. They must no longer be relied on.")


# What a view may answer beside its 200, for extend_schema.
LIST_PROBLEMS = {
    (400, PROBLEM_JSON): InvalidParametersSerializer,
    (404, PROBLEM_JSON): ProblemSerializer,
}
# An answer about one thing has no parameters, but refuses them if they are given.
DETAIL_PROBLEMS = LIST_PROBLEMS

"""How the API answers, whatever it is asked about: problems, pages, strict filters, caching.

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

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.forms import MultipleChoiceField
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.plumbing import build_basic_type
from drf_spectacular.types import OpenApiTypes
from rest_framework import exceptions, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hsc_portal.pages import CACHE_CONTROL, code_version, kept

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"

# Each has a page of its own in the API, so that `type` leads to an explanation.
PROBLEM_TYPES = {
    "invalid-parameter": (
        400, "A parameter was not understood",
        "A name or value in the query is unknown. `errors` names each parameter, says what is "
        "wrong with it, and lists the allowed values if they are few.",
    ),
    "not-found": (404, "Not found", "Nothing was ever published at this address."),
    "method-not-allowed": (
        405, "Method not allowed", "The API is read-only: use GET, HEAD or OPTIONS."
    ),
    "not-acceptable": (
        406, "Not acceptable", "Answers are application/json; the Accept header excludes that."
    ),
    "withdrawn": (
        410, "Withdrawn",
        "The topic was published and then taken from the readers. `reason` says why, and "
        "`history` leads to its editions, which must no longer be relied on.",
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
    known = PROBLEM_TYPES.get(name)
    data = {
        "type": api_url(request, "problem", name) if name else "about:blank",
        "title": known[1] if known else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.get_full_path(),
        **members,
    }
    return Response(data, status=status, headers=headers, content_type=PROBLEM_JSON)


def _unknown(name: str, allowed: Iterable[str]) -> dict:
    """Return what is wrong with a parameter that a view does not have."""
    return {"parameter": name, "detail": "Unknown.", "allowed": sorted(allowed)}


def _detail(error: exceptions.APIException) -> str:
    return error.detail if isinstance(error.detail, str) else str(error.default_detail)


def _server_error(request) -> Response:
    """Log the exception under an id, and tell the client that id and nothing else."""
    ident = uuid.uuid4().hex
    logger.exception("API error %s at %s", ident, request.path)
    got_request_exception.send(sender=None, request=request._request)
    return problem(request, 500, "Something went wrong on this side. It was logged.", id=ident)


def api_url(request, name: str, *args) -> str:
    """Return the absolute address of a route of the API."""
    return request.build_absolute_uri(_path(name, args))


# Finding a path takes 0.1 ms, and an answer may have hundreds of them.
@lru_cache(maxsize=20_000)
def _path(name: str, args: tuple) -> str:
    return reverse(f"api:{name}", args=args)


class Cacheable:
    """A view whose answers depend on nobody, so that every cache may keep them.

    The ETag is the hash of the answer's own bytes: whatever changes in it, also by a new version
    of the portal, changes the ETag. `etag_prefix`, set by a view, stands in front of it.
    `parameters` names what a view without filters understands in a query.
    """

    etag_prefix = ""
    parameters: frozenset[str] = frozenset()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # A view that filters refuses unknown names itself, by StrictFilterBackend.
        if not getattr(self, "filter_backends", ()):
            paging = PAGING if getattr(self, "pagination_class", None) else frozenset()
            allowed = self.parameters | paging
            unknown = [name for name in request.query_params if name not in allowed]
            if unknown:
                raise InvalidParameters([_unknown(name, allowed) for name in unknown])

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        # A redirect or a "gone" without this would be kept for as long as a cache likes.
        keeping = CACHE_CONTROL if response.status_code < 500 else "no-store"
        response.headers.setdefault("Cache-Control", keeping)
        patch_vary_headers(response, ["Accept"])
        # Partner sites may ask from a browser: there is nothing here that is not for everybody.
        response["Access-Control-Allow-Origin"] = "*"
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


class Pages(PageNumberPagination):
    """Pages of a list: `count`, `next`, `previous`, `results`. Past the end is a 404."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    last_page_strings = ()
    page_query_description = "Number of the page, from 1."
    page_size_query_description = "Rows on a page, 1 to 100."

    def paginate_queryset(self, queryset, request, view=None):
        self._whole_number(request, self.page_query_param)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request):
        size = self._whole_number(request, self.page_size_query_param, self.max_page_size)
        return size or self.page_size

    def _whole_number(self, request, name: str, most: int | None = None) -> int | None:
        """Return a parameter's value, None if it is not given. Raises InvalidParameters."""
        given = request.query_params.getlist(name)
        if not given:
            return None
        text = given[0]
        digits = text.isascii() and text.isdigit() and len(text) < 10
        if len(given) == 1 and digits and 1 <= int(text) <= (most or int(text)):
            return int(text)
        limit = f"from 1 to {most}" if most else "from 1"
        raise InvalidParameters([{"parameter": name, "detail": f"Give one whole number {limit}."}])

    def get_paginated_response_schema(self, schema):
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            # OpenAPI 3.1 says it so; `nullable` is of 3.0.
            described["properties"][name] = {"type": ["string", "null"], "format": "uri"}
        described["required"] = ["count", "next", "previous", "results"]
        return described

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"] |= {"minimum": 1}
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"maximum": self.max_page_size, "default": self.page_size}
        return parameters


PAGING = frozenset({Pages.page_query_param, Pages.page_size_query_param})


class StrictFilterBackend(DjangoFilterBackend):
    """Filters a list by the view's FilterSet and refuses whatever that does not understand."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        fields = filterset.form.fields if filterset else {}
        errors = self._malformed(request.query_params, fields)
        if filterset and not errors:
            errors = [
                self._error(name, fields, " ".join(messages))
                for name, messages in filterset.errors.items()
            ]
        if errors:
            raise InvalidParameters(errors)
        return filterset.qs if filterset else queryset

    def _malformed(self, params, fields) -> list[dict]:
        """Return what is wrong with the query before any value is read."""
        errors = []
        for name, values in params.lists():
            if name in PAGING:
                continue
            if name not in fields:
                errors.append(_unknown(name, {*fields, *PAGING}))
            elif "" in values:
                # A script with an empty variable must not get everything.
                errors.append(self._error(name, fields, "The value is empty."))
            elif len(values) > 1 and not isinstance(fields[name], MultipleChoiceField):
                errors.append(self._error(name, fields, "Given more than once."))
        return errors

    def _error(self, name: str, fields, detail: str) -> dict:
        choices = getattr(fields.get(name), "choices", ())
        allowed = [str(value) for value, _ in choices if value not in ("", None)]
        return {"parameter": name, "detail": detail, **({"allowed": allowed} if allowed else {})}


class StrictFilterExtension(DjangoFilterExtension):
    """Describes the filters in OpenAPI; drf-spectacular finds it by being defined."""

    target_class = "hsc_portal.rest.StrictFilterBackend"
    priority = 1

    def _get_schema_from_model_field(self, auto_schema, filter_field, model):
        # Only filters by choice come here. One choice is a word, also where the column is an array.
        return build_basic_type(OpenApiTypes.STR)


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

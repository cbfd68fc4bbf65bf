"""How the API answers a partner about what is its own: with a key, and kept by nobody."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from hsc_portal.querying import Pages
from hsc_portal.rest import (
    PAGING,
    PROBLEM_JSON,
    InvalidParameters,
    Problem,
    ProblemSerializer,
    unknown_parameter,
)
from references.access import keys
from references.access.middleware import challenge
from references.access.models import Scope

# For `extend_schema`; `SCHEME` is described in the settings.
SCHEME = "partnerKey"
PRIVATE_PROBLEMS = {
    (401, PROBLEM_JSON): ProblemSerializer,
    (403, PROBLEM_JSON): ProblemSerializer,
}
TOO_MANY = {(409, PROBLEM_JSON): ProblemSerializer}

PAGE = [
    OpenApiParameter(
        "page", {"type": "integer", "minimum": 1}, description=Pages.page_query_description
    ),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": Pages.max_page_size,
                      "default": Pages.page_size},
        description=Pages.page_size_query_description,
    ),
]  # fmt: skip


def described(**options):
    """Describe an operation that needs a key, for OpenAPI."""
    return extend_schema(auth=[{SCHEME: []}], **options)


class PartnerView(APIView):
    """A view of what belongs to the partner whose key was sent. `scope` is what it needs.

    It has no `Access-Control-Allow-Origin`: keys do not belong in pages.
    """

    scope: Scope
    parameters: frozenset[str] = frozenset()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.api_key is None:
            raise Problem(401, "Send the key of a partner, as Authorization: Bearer hscp_….")
        if not keys.may(request.api_key, self.scope):
            raise Problem(403, f"The key lacks the scope “{self.scope}”.", scope=str(self.scope))
        allowed = self.parameters | (PAGING if getattr(self, "paginator", None) else frozenset())
        unknown = [name for name in request.query_params if name not in allowed]
        if unknown:
            raise InvalidParameters([unknown_parameter(name, allowed) for name in unknown])

    @property
    def partner(self):
        return self.request.api_key.partner

    def read(self, serializer_class: type[serializers.Serializer], **options) -> dict:
        """Return what was sent as JSON. Raises InvalidParameters, also for names that are unknown.

        `errors` names members of the JSON as it does parameters of a query.
        """
        sent = self.request.data
        if not isinstance(sent, dict):
            raise InvalidParameters([{"parameter": "", "detail": "Send a JSON object."}])
        serializer = serializer_class(data=sent, **options)
        fields = {name for name, field in serializer.fields.items() if not field.read_only}
        unknown = [unknown_parameter(name, fields) for name in sent if name not in fields]
        if unknown or not serializer.is_valid():
            raise InvalidParameters(unknown or list(_errors(serializer.errors)))
        return serializer.validated_data

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.is_for_pages = False
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="HSC Portal API"'
        elif response.status_code == 403:
            told = f'{challenge("insufficient_scope")}, scope="{self.scope}"'
            response.headers["WWW-Authenticate"] = told
        return response


def _errors(found: dict, above: str = ""):
    """Yield what is wrong as InvalidParameters wants it."""
    for name, errors in found.items():
        place = f"{above}.{name}" if above else str(name)
        if isinstance(errors, dict):
            yield from _errors(errors, place)
        else:
            yield {"parameter": place, "detail": " ".join(map(str, errors))}

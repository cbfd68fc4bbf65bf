"""The API as a whole: its root, all resources, its description, and what answers elsewhere."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.db.models import Subquery
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, include, path, re_path, resolve
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularJSONAPIView,
    SpectacularSwaggerSplitView,
    SpectacularYAMLAPIView,
)
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal.pages import CACHE_CONTROL, code_version, kept
from hsc_portal.querying import Pages
from hsc_portal.rest import DETAIL_PROBLEMS, PROBLEM_TYPES, Cacheable, api_url
from references.access.api import urlpatterns as access
from references.api import urlpatterns as references
from therapies.api import urlpatterns as therapies
from therapies.grid_api import urlpatterns as grid
from topics.api.codes import urlpatterns as codes
from topics.api.search import urlpatterns as search
from topics.api.suggestions import urlpatterns as suggestions
from topics.api.topics import urlpatterns as topics
from topics.models import Event
from topics.replicating.api import urlpatterns as replicating
from topics.webhooks.api import urlpatterns as webhooks

app_name = "api"

Pages.newest_event = Subquery(Event.objects.order_by("-pk").values("pk")[:1])

RESOURCES = {
    "topics": "topic-list",
    "therapies": "therapy-list",
    "agents": "agent-list",
    "conditions": "condition-list",
    "complications": "complication-list",
    "indications": "indication-list",
    "statements": "statement-list",
    "codes": "code-list",
    "references": "reference-list",
    "changes": "change-list",
    "export": "export",
    "keys": "key-list",
    "webhooks": "webhook-list",
    "usage": "usage",
    "search": "search",
    "suggestions": "suggestions",
    "schema": "schema",
    "docs": "docs",
}


class Root(Cacheable, APIView):
    @extend_schema(
        operation_id="root",
        responses=inline_serializer("Root", {name: serializers.URLField() for name in RESOURCES}),
    )
    def get(self, request):
        """The resources and their addresses: a script can walk from here to everything."""
        found = {name: api_url(request, route) for name, route in RESOURCES.items()}
        # Nothing is found for nothing: an example says more than a refusal.
        return Response(
            found
            | {
                "search": f"{found['search']}?q=mobilization",
                "suggestions": f"{found['suggestions']}?q=mob",
            }
        )


class ProblemTypeSerializer(serializers.Serializer):
    """What a type of problem means."""

    status = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()


class ProblemType(Cacheable, APIView):
    @extend_schema(responses={200: ProblemTypeSerializer, **DETAIL_PROBLEMS})
    def get(self, request, name):
        """What a type of problem means."""
        if name not in PROBLEM_TYPES:
            raise exceptions.NotFound("There is no such type of problem.")
        return Response(
            dict(zip(("status", "title", "description"), PROBLEM_TYPES[name], strict=True))
        )


class NotHere(Cacheable, APIView):
    """Answers at every address of the API where there is nothing, also to other methods."""

    allowed_methods = ("GET", "HEAD", "OPTIONS")

    def initial(self, request, *args, **kwargs):
        raise exceptions.NotFound("The API has nothing at this address.")

    def get(self, request):
        """Nothing. Any method comes to `initial` first."""

    post = put = patch = delete = get

    def dispatch(self, request, *args, **kwargs):
        # Django would add the missing slash itself if this view did not catch the address.
        if not request.path.endswith("/") and _is_resource(f"{request.path_info}/"):
            # A client would make a GET of what it sends after a 301.
            return HttpResponsePermanentRedirect(
                request.get_full_path(force_append_slash=True),
                preserve_request=request.method not in ("GET", "HEAD"),
                headers={"Cache-Control": CACHE_CONTROL},
            )
        return super().dispatch(request, *args, **kwargs)


def _is_resource(path_info: str) -> bool:
    try:
        return resolve(path_info).func.view_class is not NotHere
    except (Resolver404, AttributeError):
        return False


YAML, JSON = SpectacularYAMLAPIView.renderer_classes, SpectacularJSONAPIView.renderer_classes


class Schema(Cacheable, SpectacularAPIView):
    """The description of the API in OpenAPI. Making it takes a second, so each form is kept."""

    @extend_schema(exclude=True)
    def get(self, request):
        renderer = request.accepted_renderer

        def make() -> bytes:
            return renderer.render(super(Schema, self).get(request).data, renderer.media_type)

        body = kept.find_or_make(("schema", code_version(), renderer.media_type), make)
        name = f'inline; filename="openapi.{renderer.format}"'
        return HttpResponse(
            body, content_type=renderer.media_type, headers={"Content-Disposition": name}
        )


# Swagger UI writes style attributes, and its page has a style element; scripts stay our own.
@method_decorator(csp_replace({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    url_name = "api:schema"


v1 = [
    path("", Root.as_view(), name="root"),
    *topics,
    *codes,
    *search,
    *suggestions,
    *grid,
    *therapies,
    *references,
    *access,
    *webhooks,
    *replicating,
    path("problems/<slug:name>/", ProblemType.as_view(), name="problem"),
    path("schema/", Schema.as_view(), name="schema"),
    path("schema/openapi.json", Schema.as_view(renderer_classes=JSON)),
    path("schema/openapi.yaml", Schema.as_view(renderer_classes=YAML)),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("docs/", Docs.as_view(), name="docs"),
    re_path("", NotHere.as_view(schema=None)),
]

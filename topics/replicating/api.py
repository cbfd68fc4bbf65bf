"""Following all of the content in the API: the log of changes, and exports to begin with."""

from django.http import FileResponse
from django.urls import path
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal import pages
from hsc_portal.rest import (
    DETAIL_PROBLEMS,
    LICENSE_URL,
    LIST_PROBLEMS,
    SEQUENCE,
    Cacheable,
    InvalidParameters,
    api_url,
)
from topics.replicating import making
from topics.replicating.events import MEANINGS, ends, kinds_of, payload, public_events, type_of
from topics.replicating.serializers import ChangesSerializer, ExportSerializer

USUAL, MOST = 100, 500
# What was the end of the log a minute ago must not hide what came after.
ASK_AGAIN = {"Cache-Control": "no-cache"}
NDJSON = "application/x-ndjson"


class Changes(Cacheable, APIView):
    parameters = frozenset({"after", "limit", "type"})

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            OpenApiParameter(
                "after", {"type": "integer", "minimum": 0, "default": 0},
                description="Id of the last event that you have.",
            ),
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                description="How many events at most.",
            ),
            OpenApiParameter(
                "type", str, many=True, enum=list(MEANINGS),
                description="Only events of this type; may be given more than once.",
            ),
        ],
        responses={200: ChangesSerializer, **LIST_PROBLEMS},
    )  # fmt: skip
    def get(self, request):
        """What was published, withdrawn, retracted … after an event, in the order of the commits.

        None is missed and none comes twice, also while others are written: go on with `next`, which
        is there also when nothing is new. You are at the end when `after` of `next` is `last`, the
        newest event of all; with `type` a page may be empty before. `after_at` must be the time of
        the event that you have: if it is not, the portal was set back, and its log is another one.
        """
        after, limit, types = _whole(request, "after", 0), _limit(request), _types(request)
        # Ids are in the order of commits: whatever is not after this one is there to be read.
        start, newest = ends(after)
        last = newest.pk
        if after > last:
            fault = f"The log ends at {last}. Give the id of an event that you were told of."
            raise InvalidParameters([{"parameter": "after", "detail": fault}])
        found, end = _page(after, last, limit, types)
        rows = [_told(event, request) for event in found]
        answer = {"results": rows, "next": _next(request, end), "last": last, "after_at": start.at}
        answer["has_more"] = end < last
        return Response(answer, headers=ASK_AGAIN)


def _page(after: int, last: int, limit: int, types: set[str]) -> tuple[list, int]:
    """Return events of the types after an event, and after which event to go on."""
    events, most = public_events().filter(pk__gt=after, pk__lte=last), limit
    if types:
        # Two types may be of one kind, so what is read is looked at once more.
        events, most = events.filter(kind__in=kinds_of(types)), MOST
    read, found = list(events[:most]), []
    for event in read:
        if not types or type_of(event) in types:
            found.append(event)
        if len(found) == limit:
            return found, event.pk
    return found, read[-1].pk if len(read) == most else last


def _told(event, request) -> dict:
    told = {"id": event.pk, "type": type_of(event), "at": event.created_at}
    return told | payload(event, pages.origin(request))


def _next(request, after: int) -> str:
    query = request.query_params.copy()
    query["after"] = str(after)
    return f"{api_url(request, 'change-list')}?{query.urlencode()}"


def _whole(request, name: str, usual: int, least: int = 0, most: int = 10**18) -> int:
    given = request.query_params.getlist(name)
    if not given:
        return usual
    digits = given[0] if len(given) == 1 and given[0].isascii() and given[0].isdigit() else ""
    if not digits or len(digits) > 18 or not least <= int(digits) <= most:
        limits = f"from {least} to {most}" if most < 10**18 else f"from {least}"
        raise InvalidParameters([{"parameter": name, "detail": f"Give one whole number {limits}."}])
    return int(digits)


def _limit(request) -> int:
    return _whole(request, "limit", USUAL, 1, MOST)


def _types(request) -> set[str]:
    given = set(request.query_params.getlist("type"))
    if unknown := sorted(given - MEANINGS.keys()):
        fault = f"Unknown: {', '.join(unknown)}."
        raise InvalidParameters([{"parameter": "type", "detail": fault, "allowed": list(MEANINGS)}])
    return given


class Export(Cacheable, APIView):
    @extend_schema(operation_id="export", responses={200: ExportSerializer, **DETAIL_PROBLEMS})
    def get(self, request):
        """All that is published, as files of one moment, and where to go on from there.

        Load the files, then follow `changes`: the copy is complete. A set of files never changes
        and is kept for three days after a newer one was made.
        """
        told = making.newest(making.base_of(request))
        return Response(_manifest(told, request), headers=ASK_AGAIN)


def _manifest(told: dict, request) -> dict:
    files = [
        {**each, "file": f"{each['name']}.ndjson", "url": _address(request, told, each["name"])}
        for each in told["files"]
    ]
    changes = f"{api_url(request, 'change-list')}?after={told['sequence']}"
    return {**told, "files": files, "changes": changes, "license": LICENSE_URL}


NAME = OpenApiParameter(
    "name", str, OpenApiParameter.PATH, enum=list(making.FILES), description="What it is of."
)
IDENT = OpenApiParameter("ident", str, OpenApiParameter.PATH, description="`id` of the export.")


class NdjsonRenderer(JSONRenderer):
    """Lets the media type be asked for. What it renders are problems."""

    media_type = NDJSON
    format = "ndjson"


class ExportFile(Cacheable, APIView):
    renderer_classes = [NdjsonRenderer, JSONRenderer]

    @extend_schema(
        operation_id="export_file",
        parameters=[NAME, IDENT],
        responses={(200, NDJSON): OpenApiTypes.STR, **DETAIL_PROBLEMS},
    )
    def get(self, request, ident, name):
        """One file of an export: on each line an object, as the API answers it by itself."""
        told = making.manifest(making.base_of(request), ident)
        return _answer_file(request, told, name, "public, max-age=86400, immutable")


class NewestExportFile(Cacheable, APIView):
    renderer_classes = [NdjsonRenderer, JSONRenderer]

    @extend_schema(
        operation_id="export_newest",
        parameters=[NAME],
        responses={(200, NDJSON): OpenApiTypes.STR, **DETAIL_PROBLEMS},
    )
    def get(self, request, name):
        """One file of the newest export. `Content-Location` is its own, permanent address.

        `Content-Sequence` is the id of the last event that is in it: `changes` lead on from there.
        Take files that shall fit each other from `export`, which also says where to go on.
        """
        told = making.newest(making.base_of(request))
        return _answer_file(request, told, name, "no-cache")


def _address(request, told: dict, name: str) -> str:
    return api_url(request, "export-file", told["id"], name)


def _answer_file(request, told: dict | None, name: str, keeping: str):
    facts = next((each for each in told["files"] if each["name"] == name), None) if told else None
    found = facts and making.path_of(making.base_of(request), told["id"], name)
    if not found:
        raise exceptions.NotFound("There is no such export any more: ask for the newest one.")
    etag = f'"{facts["sha256"]}"'
    response = get_conditional_response(request._request, etag=etag)
    if response is None:
        response = FileResponse(found.open("rb"), content_type=NDJSON)
        response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["ETag"] = etag
    response["Cache-Control"] = keeping
    response[SEQUENCE] = str(told["sequence"])
    response["Content-Location"] = _address(request, told, name)
    return response


urlpatterns = [
    path("changes/", Changes.as_view(), name="change-list"),
    path("export/", Export.as_view(), name="export"),
    path("export/<slug:name>.ndjson", NewestExportFile.as_view(), name="export-newest"),
    path("export/<slug:ident>/<slug:name>.ndjson", ExportFile.as_view(), name="export-file"),
]

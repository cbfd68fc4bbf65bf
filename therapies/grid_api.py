"""The grid of indications in other forms: as a table for a spreadsheet, and scheme by scheme."""

import csv
from collections.abc import Iterable, Iterator

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from hsc_portal.rest import LIST_PROBLEMS, Cacheable, InvalidParameters
from therapies.api import IndicationSerializer, PastIndications, indications, told
from therapies.choices import TransplantOption
from therapies.filters import IndicationFilter
from therapies.models import ListedIndication
from topics.api.moments import PARAMETER, moment

# The columns, in their order. Columns may be added at the end; none is ever taken away or moved.
COLUMNS = (
    "condition", "condition_title", "scheme", "edition", "population", "disease", "status",
    "option", "option_label", "category", "category_label", "evidence", "source", "confidence",
    "certainty", "note", "references", "id", "url", "published_in", "awaiting_check",
)  # fmt: skip
CSV = "text/csv"
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """Takes what the csv module writes, and gives it back."""

    def write(self, text: str) -> str:
        return text


def lines(cells, request) -> Iterator[str]:
    """Yield the lines of the table (RFC 4180), the names of the columns first."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in told(cells, request):
        row |= {
            "condition": row["condition"]["slug"],
            "condition_title": row["condition"]["title"],
            "references": " ".join(reference["key"] for reference in row["references"]),
        }
        yield writer.writerow([_safe(row[name]) for name in COLUMNS])


def _safe(value) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class TableRenderer(JSONRenderer):
    """Renders the lines of a table; a problem stays JSON."""

    media_type = CSV
    format = "csv"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if isinstance(data, dict):
            return super().render(data, accepted_media_type, renderer_context)
        return "".join(data).encode()


class AlwaysTable(BaseContentNegotiation):
    """The address names a file, as those of exports do: it is sent whatever is asked for."""

    def select_parser(self, request, parsers):
        return None

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], CSV


class Cells(PastIndications, Cacheable, generics.GenericAPIView):
    """A view of all cells that fit the filters, without pages, now or as they were."""

    queryset = ListedIndication.objects.all()
    filterset_class = IndicationFilter
    pagination_class = None

    def get_queryset(self):
        return indications()

    def cells(self) -> Iterable[ListedIndication]:
        end = moment(self.request)
        return self.found_then(end) if end else self.filter_queryset(self.get_queryset())


class IndicationTable(Cells):
    """All cells that fit the filters as CSV: one line for each, the names of the columns first.

    Columns may be added at the end; none is taken away or moved. A text that a spreadsheet would
    take for a formula begins with an apostrophe.
    """

    renderer_classes = [TableRenderer]
    content_negotiation_class = AlwaysTable

    @extend_schema(
        filters=True,
        parameters=[PARAMETER],
        operation_id="indications_table",
        responses={(200, CSV): OpenApiTypes.STR, **LIST_PROBLEMS},
    )
    def get(self, request):
        answer = Response(
            list(lines(self.cells(), request)),
            content_type=f"{CSV}; charset=utf-8; header=present",
        )
        answer["Content-Disposition"] = 'attachment; filename="indications.csv"'
        return answer


class EntrySerializer(serializers.Serializer):
    """What one scheme says of an option: the letters are its own."""

    scheme = serializers.CharField()
    edition = serializers.CharField()
    cells = IndicationSerializer(many=True)


class ComparedOptionSerializer(serializers.Serializer):
    """One kind of transplantation, and what each scheme and edition says of it."""

    option = serializers.ChoiceField(choices=TransplantOption.choices)
    option_label = serializers.CharField()
    schemes = EntrySerializer(many=True)


class ComparisonSerializer(serializers.Serializer):
    """The cells of one condition, option by option, each scheme by itself."""

    condition = serializers.CharField()
    note = serializers.CharField()
    options = ComparedOptionSerializer(many=True)


NOTE = (
    "A letter has its meaning only under its scheme and edition. The rows of two schemes are set "
    "side by side and never matched: their diseases and stages are divided differently."
)


class IndicationComparison(Cells):
    """What the schemes say of one condition, side by side, without mixing their letters."""

    shape = ComparisonSerializer

    @extend_schema(
        filters=True,
        parameters=[PARAMETER],
        operation_id="indications_compare",
        responses={200: ComparisonSerializer, **LIST_PROBLEMS},
    )
    def get(self, request):
        if "condition" not in request.query_params:
            missing = {"parameter": "condition", "detail": "Needed: the slug of a condition."}
            raise InvalidParameters([missing])
        rows = told(self.cells(), request)
        answer = {"condition": request.query_params["condition"], "note": NOTE}
        return self.shaped_response(answer | {"options": compared(rows)})


def compared(cells: list[dict]) -> list[dict]:
    """Return cells by option, and of each by scheme and edition."""
    options = []
    for option, label in TransplantOption.choices:
        schemes: dict[tuple[str, str], list[dict]] = {}
        for cell in cells:
            if cell["option"] == option:
                schemes.setdefault((cell["scheme"], cell["edition"]), []).append(cell)
        entries = [
            {"scheme": scheme, "edition": edition, "cells": found}
            for (scheme, edition), found in sorted(schemes.items())
        ]
        if entries:
            options.append({"option": option, "option_label": str(label), "schemes": entries})
    return options


urlpatterns = [
    path("indications.csv", IndicationTable.as_view(), name="indication-table"),
    path("indications/compare/", IndicationComparison.as_view(), name="indication-comparison"),
]

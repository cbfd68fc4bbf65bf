"""Lists of the API: their pages, and filters that refuse what they do not understand."""

from functools import cached_property
from typing import ClassVar

from django.core.paginator import Paginator
from django.db.models import Count, Expression, Max, QuerySet
from django.db.models.functions import Coalesce
from django.forms import MultipleChoiceField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.plumbing import build_basic_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.utils.urls import remove_query_param, replace_query_param

from hsc_portal.rest import SEQUENCE, Cacheable, InvalidParameters, add_links, unknown_parameter


class Counting(Paginator):
    """Counts the rows, and tells in the same query how far the log of events was before."""

    @cached_property
    def count(self):
        return self._counted["count"]

    @property
    def sequence(self) -> int | None:
        return self._counted["sequence"]

    @cached_property
    def _counted(self) -> dict[str, int | None]:
        newest = Pages.newest_event
        if newest is None or not isinstance(self.object_list, QuerySet):
            return {"count": super().count, "sequence": None}
        # Of a list without rows there is no maximum.
        return self.object_list.aggregate(
            count=Count("*"), sequence=Coalesce(Max(newest), newest)
        )  # fmt: skip


class Pages(PageNumberPagination):
    """Pages of a list: `count`, `next`, `previous`, `results`. Past the end is a 404.

    The header `Link` has them too, with the first and the last one. `Content-Sequence` is the id
    of the newest event: where it differs between two pages, rows may have moved from one to the
    other. What was asked `as_of` a moment does not move.
    """

    django_paginator_class = Counting
    # The id of the newest event; hsc_portal.api, which knows the log, says how it is found.
    newest_event: ClassVar[Expression | None] = None
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    last_page_strings = ()
    page_query_description = "Number of the page, from 1."
    page_size_query_description = "Rows on a page, 1 to 100."

    def paginate_queryset(self, queryset, request, view=None):
        self._whole_number(request, self.page_query_param)
        self.is_of_content = isinstance(view, Cacheable)
        try:
            return super().paginate_queryset(queryset, request, view)
        except exceptions.NotFound:
            detail = "There is no such page. The header Link of the first one has the last."
            raise exceptions.NotFound(detail) from None

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

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        number = self.page.paginator.num_pages
        here = self.request.build_absolute_uri()
        links = {
            "first": remove_query_param(here, self.page_query_param),
            "prev": self.get_previous_link(),
            "next": self.get_next_link(),
            "last": replace_query_param(here, self.page_query_param, number),
        }
        add_links(response, {name: url for name, url in links.items() if url})
        sequence = self.page.paginator.sequence
        if sequence is not None and self.is_of_content:
            response[SEQUENCE] = str(sequence)
        return response

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


def page_parameters() -> list[OpenApiParameter]:
    """Return how pages are asked for, of a list that its view does not call one."""
    number = {"type": "integer", "minimum": 1}
    size = number | {"maximum": Pages.max_page_size, "default": Pages.page_size}
    return [
        OpenApiParameter("page", number, description=Pages.page_query_description),
        OpenApiParameter("page_size", size, description=Pages.page_size_query_description),
    ]


class StrictFilterBackend(DjangoFilterBackend):
    """Filters a list by the view's FilterSet and refuses whatever that does not understand."""

    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        fields = filterset.form.fields if filterset else {}
        errors = self._malformed(request.query_params, fields, view.understood())
        if filterset and not errors:
            errors = [
                self._error(name, fields, " ".join(messages))
                for name, messages in filterset.errors.items()
            ]
        if errors:
            raise InvalidParameters(errors)
        return filterset.qs if filterset else queryset

    def _malformed(self, params, fields, beside: frozenset[str]) -> list[dict]:
        """Return what is wrong with the query before any value is read."""
        errors = []
        for name, values in params.lists():
            if name in beside:
                continue
            if name not in fields:
                errors.append(unknown_parameter(name, {*fields, *beside}))
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

    target_class = "hsc_portal.querying.StrictFilterBackend"
    priority = 1

    def _get_schema_from_model_field(self, auto_schema, filter_field, model):
        # Only filters by choice come here. One choice is a word, also where the column is an array.
        return build_basic_type(OpenApiTypes.STR)

"""Kinds of filters that every room uses. They know no app; what they filter is said where they are.

A value that cannot be meant is refused and never ignored: whoever mistypes `reviewed=ture` must not
get unreviewed topics and believe that they were reviewed.
"""

import operator
from collections.abc import Iterable
from functools import reduce

import django_filters
from django import forms
from django.db.models import F, Q
from django.forms.utils import pretty_name
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field


def any_of(conditions: Iterable[Q]) -> Q:
    """Return the condition that at least one of several conditions holds."""
    return reduce(operator.or_, conditions)


class AnyOf(django_filters.MultipleChoiceFilter):
    """One of the choices; given several times, any of them."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(*args, **kwargs)

    def filter(self, queryset, values):
        return queryset.filter(self.condition(values)) if values else queryset

    def condition(self, values: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": values})


class AnyOfArray(AnyOf):
    """Like AnyOf, for an array column: a row fits if it has any of the values."""

    def condition(self, values):
        return Q(**{f"{self.field_name}__overlap": values})


class AnyOfFacets(AnyOf):
    """Like AnyOf, for a facet of a listing: `{"category": ["mobilization"]}`."""

    def condition(self, values):
        return facet_condition(self.field_name, values)


def facet_condition(name: str, values: Iterable[str]) -> Q:
    """Return the condition that a listing has one of the values in a facet."""
    return any_of(Q(facets__contains={name: [value]}) for value in values)


@extend_schema_field(OpenApiTypes.BOOL)
class YesNo(django_filters.TypedChoiceFilter):
    """`true` or `false`, and nothing else."""

    def __init__(self, *args, **kwargs):
        choices = [("true", _("Yes")), ("false", _("No"))]
        super().__init__(
            *args, choices=choices, coerce=lambda value: value == "true", empty_value=None, **kwargs
        )

    def filter(self, queryset, value):
        # False is a value here, and not the absence of one.
        if value is None:
            return queryset
        if self.method:
            return super().filter(queryset, value)
        return queryset.filter(**{f"{self.field_name}__{self.lookup_expr}": value})


@extend_schema_field(OpenApiTypes.INT)
class Year(django_filters.NumberFilter):
    """A whole year."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=1000, max_value=9999, **kwargs)

    def get_max_validator(self):
        return None  # the form field has its own limits


class Words(django_filters.CharFilter):
    """Text that is part of a column, in any case of letters."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("lookup_expr", "icontains")
        kwargs.setdefault("max_length", 200)
        super().__init__(*args, **kwargs)


class Ordering(django_filters.OrderingFilter):
    """The order of a list. Rows that are alike in it keep one order, so that pages do not overlap.

    `fields` maps columns to the words that stand in the address, `field_labels` to what a reader
    is shown.
    """

    def build_choices(self, fields, labels):
        # Each label stays lazy, as nobody reads it yet.
        choices = []
        for column, word in fields.items():
            label = labels.get(column, pretty_name(word))
            # Translators: an order of a list, as “Title (descending)”.
            falling = format_lazy(_("{label} (descending)"), label=label)
            choices += [(word, label), (f"-{word}", falling)]
        return choices

    def filter(self, queryset, value):
        if not value:
            return queryset
        return queryset.order_by(*(self._expression(word) for word in value), "pk")

    def _expression(self, word: str):
        column = self.get_ordering_value(word)
        # What is not known is never the newest or the first.
        if column.startswith("-"):
            return F(column[1:]).desc(nulls_last=True)
        return F(column).asc(nulls_last=True)

"""Codes in the API: from a code in a terminology to the topics about what it stands for."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Upper
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers

from hsc_portal import languages
from hsc_portal.filters import AnyOf, Ordering, YesNo
from hsc_portal.rest import LIST_PROBLEMS, Cacheable, api_url
from references.filters import NamesForm, TopicName
from topics import codesystems, past
from topics.api import expanding, moments
from topics.api.serializers import CodeSerializer, StatementTopicSerializer
from topics.choices import CodeSystem, Kind, Match
from topics.models import ListedCode


def codes() -> QuerySet[ListedCode]:
    """Return the codes of published topics, exact ones first, with their topics, in one query."""
    closeness = Case(*(When(match=each, then=Value(n)) for n, each in enumerate(Match.values)))
    return ListedCode.objects.annotate(
        slug=F("listing__slug"),
        title=F("listing__title"),
        kind=F("listing__kind"),
        closeness=closeness,
    ).order_by("system", "code", "closeness", "listing__title", "pk")


class SystemField(forms.CharField):
    """A terminology by any of its names. Its value is the portal's own."""

    def clean(self, value):
        name = super().clean(value)
        if not name:
            return None
        system = codesystems.named(name)
        if system is None:
            systems = ", ".join(CodeSystem.values)
            raise ValidationError(
                f"“{name}” is no terminology that topics have codes of. Choose one of {systems}, "
                "an OID as 2.16.840.1.113883.6.90, or an address as http://snomed.info/sct."
            )
        return system


class SystemFilter(django_filters.CharFilter):
    field_class = SystemField


class CodeListFilter(django_filters.FilterSet):
    """Filters over ListedCode, in the API only."""

    system = SystemFilter(
        max_length=100, label="Terminology: its name, its OID, or its address in FHIR"
    )
    code = django_filters.CharFilter(
        method="by_code", max_length=60, label="The code, in any case of letters"
    )
    match = AnyOf(choices=Match.choices, label="How the code and the topic's subject fit")
    topic = TopicName(field_name="listing__slug", label="Slug of the topic")
    kind = AnyOf(field_name="listing__kind", choices=Kind.choices, label="Kind of the topic")
    unverified = YesNo(
        method="by_unverified",
        label="With `true` also codes that were not found in a released table of the terminology",
    )
    ordering = Ordering(fields={"system": "system", "code": "code", "listing__title": "topic"})

    class Meta:
        model = ListedCode
        fields = []
        form = NamesForm

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data["unverified"] else found.filter(verified=True)

    def by_code(self, queryset, name, value):
        system = self.form.cleaned_data.get("system")
        written = {spelt.upper() for spelt in codesystems.spellings(value, system)}
        return queryset.alias(upper=Upper("code")).filter(upper__in=written)

    def by_unverified(self, queryset, name, value):
        return queryset


class TopicCodeSerializer(CodeSerializer):
    """A code of a published topic."""

    system_url = serializers.SerializerMethodField(help_text="What FHIR calls the terminology.")
    oid = serializers.SerializerMethodField()
    topic = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField)
    def get_system_url(self, row):
        return codesystems.address_of(row.system)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_oid(self, row):
        return codesystems.oid_of(row.system)

    @extend_schema_field(StatementTopicSerializer)
    def get_topic(self, row):
        request = self.context["request"]
        page = request.build_absolute_uri(languages.permanent("topic", row.slug))
        return {
            "url": api_url(request, "topic-detail", row.slug), "html_url": page,
            "slug": row.slug, "title": row.title, "kind": row.kind,
        }  # fmt: skip


class PastCodes(moments.OfAnyTime):
    """The topics that had a code as they were. Which code must be said."""

    needed = "code"
    also = {"system": "system", "match": "match", "kind": "kind"}

    def of_then(self, end, asked) -> list[ListedCode]:
        written = {spelt.upper() for spelt in codesystems.spellings(asked["code"], asked["system"])}
        rows = [row for row in past.codes(written, end) if row.verified or asked["unverified"]]
        closeness = Match.values.index
        return sorted(self.fitting(rows, asked), key=lambda row: (
            row.system, row.code, closeness(row.match), row.title,
        ))  # fmt: skip

    def rows_of_then(self, rows) -> list[dict]:
        told = TopicCodeSerializer(rows, many=True, context={"request": self.request}).data
        for row, code in zip(told, rows, strict=True):
            row["topic"] |= moments.addresses(code.slug, code.edition_number, self.request)
        return told


@extend_schema(
    parameters=[moments.PARAMETER],
    responses={200: TopicCodeSerializer(many=True), **LIST_PROBLEMS},
)
class CodeList(PastCodes, Cacheable, generics.ListAPIView):
    """From a code to the topics about what it stands for, exact matches first.

    Codes that were not found in a released table of their terminology come only with
    `unverified=true`, and say so.
    """

    queryset = ListedCode.objects.all()
    serializer_class = TopicCodeSerializer
    filterset_class = CodeListFilter
    expansions = {"topic": expanding.topic}

    def get_queryset(self):
        return codes()


urlpatterns = [path("codes/", CodeList.as_view(), name="code-list")]

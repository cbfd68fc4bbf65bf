"""What topics, statements and news can be filtered by, on pages and in the API."""

from datetime import UTC, datetime, time
from typing import ClassVar

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hsc_portal.filters import (
    AnyOf,
    AnyOfArray,
    Ordering,
    Words,
    YesNo,
    any_of,
    facet_condition,
)
from references.filters import NamesForm, ReferenceKey, TopicName
from topics import news, past
from topics.choices import Area, Certainty, Change, CodeSystem, Kind, SectionKind
from topics.listings import SEARCH_CONFIG
from topics.models import Event, ListedCode, Listing, Statement, StatementCitation


def web_search(words: str) -> SearchQuery:
    """Return a full-text query in the way of web search: "quoted phrase", or, -without."""
    return SearchQuery(words, search_type="websearch", config=SEARCH_CONFIG)


class CodeField(forms.CharField):
    """`D019650` or, with its system, `MeSH|D019650`. Its value is the pair of system and code."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        system, bar, code = text.rpartition("|")
        if bar and system not in CodeSystem.values:
            systems = ", ".join(CodeSystem.values)
            message = _("“%(system)s” is no code system. Choose one of: %(systems)s.")
            raise ValidationError(message % {"system": system, "systems": systems})
        return system, code


class CodeFilter(django_filters.CharFilter):
    field_class = CodeField


class ByCode(django_filters.FilterSet):
    """Filters by the codes of topics: those found in a released table, unless all are asked for."""

    unverified = YesNo(
        method="by_unverified", label=gettext_lazy("Find also by codes that were not verified")
    )

    def by_unverified(self, queryset, name, value):
        # It says which codes the others look at.
        return queryset

    def codes_of(self, listing: str):
        """Return the codes that are looked at, of the listing that a column of the query names."""
        codes = ListedCode.objects.filter(listing=OuterRef(listing))
        return codes if self.form.cleaned_data["unverified"] else codes.filter(verified=True)


class MomentField(forms.CharField):
    """A day or a time of the past. Its value is the first moment after it."""

    def clean(self, value):
        text = super().clean(value)
        try:
            return past.end_of(text) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from None


class MomentFilter(django_filters.CharFilter):
    field_class = MomentField


class TopicFacet(TopicName):
    """The slug of a topic that stands in a facet of the listing."""

    def filter(self, queryset, slugs):
        return queryset.filter(facet_condition(self.field_name, slugs)) if slugs else queryset


class ReferenceFacet(ReferenceKey):
    """The key of a reference that the topic cites, in its text or its tables."""

    def filter(self, queryset, keys):
        return queryset.filter(facet_condition("reference", keys)) if keys else queryset


class TopicFilter(ByCode):
    """Filters over Listing, for topics of every kind."""

    q = Words(method="by_words", label=gettext_lazy("Words in title or text"))
    kind = AnyOf(choices=Kind.choices, label=gettext_lazy("Kind"))
    area = AnyOfArray(field_name="areas", choices=Area.choices, label=gettext_lazy("Area"))
    certainty = AnyOf(
        choices=Certainty.choices,
        method="by_certainty",
        label=gettext_lazy("Has a statement of this certainty"),
    )
    code = CodeFilter(
        method="by_code", label=gettext_lazy("Code, as D019650 or MeSH|D019650"), max_length=60
    )
    code_system = AnyOf(
        choices=CodeSystem.choices,
        method="by_code_system",
        label=gettext_lazy("Has a code in this system"),
    )
    reference = ReferenceFacet(label=gettext_lazy("Key of a reference that it cites"))
    related = TopicName(method="by_related", label=gettext_lazy("Slug of a related topic"))
    reviewed = YesNo(
        field_name="reviewed_at",
        method="by_reviewed",
        label=gettext_lazy("Reviewed by a clinician"),
    )
    ordering = Ordering(
        fields={"title": "title", "published_at": "published_at", "next_review": "next_review"},
        field_labels={
            "title": gettext_lazy("Title"),
            "published_at": gettext_lazy("Published at"),
            "next_review": gettext_lazy("Next review"),
        },
    )

    class Meta:
        model = Listing
        fields: ClassVar[list[str]] = []
        form = NamesForm

    def by_words(self, queryset, name, value):
        """Keep topics that have the words in their own text or in a statement, best names first."""
        said = Statement.objects.filter(listing=OuterRef("pk"), search=web_search(value))
        named = Case(
            When(Q(title__iexact=value) | Q(synonyms__contains=[value]), then=0),
            When(title__istartswith=value, then=1),
            default=2,
        )
        found = queryset.filter(
            Q(search=web_search(value)) | Q(title__icontains=value) | Q(Exists(said))
        )
        rank = SearchRank(F("search"), web_search(value))
        return found.order_by(named, rank.desc(), "title", "pk")

    def by_certainty(self, queryset, name, values):
        return queryset.filter(certainties__has_any_keys=values) if values else queryset

    def by_code(self, queryset, name, value):
        system, code = value
        systems = [system] if system else self.form.cleaned_data["code_system"]
        codes = self.codes_of("pk").filter(code__iexact=code)
        # Both on one code: the code of one system and another code of the other would not do.
        return queryset.filter(Exists(codes.filter(system__in=systems) if systems else codes))

    def by_code_system(self, queryset, name, values):
        codes = self.codes_of("pk").filter(system__in=values)
        return queryset.filter(Exists(codes)) if values else queryset

    def by_related(self, queryset, name, slugs):
        return queryset.filter(related_condition(slugs))

    def by_reviewed(self, queryset, name, value):
        return queryset.filter(reviewed_at__isnull=not value)


def related_condition(slugs: list[str], label: str | None = None) -> Q:
    """Return the condition that a listing is related to a topic, from either end.

    `label` is how the relation reads from the listing's end, as "Treated by".
    """
    head = {"label": label} if label else {}
    return any_of(Q(related__contains=[head | {"topics": [{"slug": slug}]}]) for slug in slugs)


class StatementFilter(ByCode):
    """Filters over Statement, in the API only."""

    q = Words(method="by_words", label="Words of the statement")
    topic = TopicName(field_name="listing__slug", label="Slug of its topic")
    kind = AnyOf(field_name="listing__kind", choices=Kind.choices, label="Kind of its topic")
    area = AnyOfArray(field_name="listing__areas", choices=Area.choices, label="Area of its topic")
    section = AnyOf(
        field_name="section_kind", choices=SectionKind.choices, label="Kind of its section"
    )
    certainty = AnyOf(choices=Certainty.choices, label="Certainty")
    reference = ReferenceKey(method="by_reference", label="Key of a reference that it cites")
    awaiting_check = YesNo(label="The source was not yet read again")
    cited = YesNo(field_name="is_cited", label="Cites a reference")
    code = CodeFilter(
        method="by_code", max_length=60, label="Code of its topic, as D019650 or MeSH|D019650"
    )
    changed_since = MomentFilter(
        method="by_change",
        label="New or changed since a day (from its end, UTC) or a time: in its words, certainty "
        "or sources",
    )
    ordering = Ordering(fields={"listing__title": "topic", "listing__published_at": "published_at"})

    class Meta:
        model = Statement
        fields: ClassVar[list[str]] = []
        form = NamesForm

    def by_words(self, queryset, name, value):
        return queryset.filter(Q(search=web_search(value)) | Q(text__icontains=value))

    def by_code(self, queryset, name, value):
        system, code = value
        codes = self.codes_of("listing").filter(code__iexact=code)
        return queryset.filter(Exists(codes.filter(system=system) if system else codes))

    def by_change(self, queryset, name, end):
        return queryset.filter(pk__in=past.changed_since(end).values("pk"))

    def by_reference(self, queryset, name, keys):
        # A statement may cite one reference twice, in two places; it is still one statement.
        cited = StatementCitation.objects.filter(statement=OuterRef("pk"), reference__key__in=keys)
        return queryset.filter(Exists(cited))


class NewsFilter(django_filters.FilterSet):
    """Filters over the events that readers are told of (`topics.news.once`)."""

    change = AnyOf(choices=Change.choices, label=gettext_lazy("What happened"))
    area = AnyOf(choices=Area.choices, method="by_area", label=gettext_lazy("Area of the topic"))
    kind = AnyOf(choices=Kind.choices, method="by_kind", label=gettext_lazy("Kind of topic"))
    since = django_filters.DateFilter(
        method="by_since",
        label=gettext_lazy("Since"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "invalid": gettext_lazy("Enter a day as year, month and day, like 2026-11-22.")
        },
    )

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = []

    def by_area(self, queryset, name, values):
        """Keep what concerns a topic of an area, or a publication that such a topic cites now."""
        if not values:
            return queryset
        # Of a withdrawn topic nothing is listed, so its last Document is asked.
        withdrawn = Q(topic__isnull=False, topic__listing__isnull=True)
        return queryset.filter(
            Q(topic__listing__areas__overlap=values)
            | withdrawn & Q(document__areas__has_any_keys=values)
            | Exists(_cited_now().filter(edition__listing__areas__overlap=values))
        )

    def by_kind(self, queryset, name, values):
        cited = _cited_now().filter(edition__listing__kind__in=values)
        return queryset.filter(Q(topic__kind__in=values) | Exists(cited)) if values else queryset

    def by_since(self, queryset, name, day):
        return queryset.filter(created_at__gte=datetime.combine(day, time(), UTC))


def _cited_now():
    return news.citing_same().filter(edition__listing__isnull=False)

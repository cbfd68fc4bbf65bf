"""The clinical kinds of topics in the API, and the grid of published indications."""

import hashlib

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import exceptions, generics, serializers
from rest_framework.views import APIView

from hsc_portal import languages
from hsc_portal.rest import LIST_PROBLEMS, Cacheable, api_url
from references.models import Reference
from therapies.choices import CATEGORIES
from therapies.filters import (
    AgentFilter,
    ComplicationFilter,
    ConditionFilter,
    IndicationFilter,
    TherapyFilter,
)
from therapies.models import (
    Agent,
    Complication,
    Condition,
    Indication,
    ListedIndication,
    Therapy,
)
from topics import reading
from topics.api import expanding
from topics.api.moments import AS_OF, PARAMETER, OfAnyTime, moment, pinned, was_absent
from topics.api.schema import envelope_of
from topics.api.serializers import with_urls
from topics.api.topics import MOVED, TOPIC_PROBLEMS, TopicDetail, TopicList, TopicView


def describes(model):
    """Return the decorator that gives a detail view the schema of one kind."""
    responses = {200: envelope_of(model), **MOVED, **TOPIC_PROBLEMS}
    return lambda view: extend_schema_view(
        get=extend_schema(description=view.__doc__, responses=responses)
    )(view)


class TherapyList(TopicList):
    """The therapies that readers can find now, in short."""

    kind = Therapy.KIND
    filterset_class = TherapyFilter


@describes(Therapy)
class TherapyDetail(TopicDetail):
    """The current edition of a therapy, with its agents, steps, risks, benefits, milestones …"""

    kind = Therapy.KIND


class AgentList(TopicList):
    """The agents that readers can find now, in short."""

    kind = Agent.KIND
    filterset_class = AgentFilter


@describes(Agent)
class AgentDetail(TopicDetail):
    """The current edition of an agent."""

    kind = Agent.KIND


class ConditionList(TopicList):
    """The conditions that readers can find now, in short."""

    kind = Condition.KIND
    filterset_class = ConditionFilter


@describes(Condition)
class ConditionDetail(TopicDetail):
    """The current edition of a condition, with its indications."""

    kind = Condition.KIND


class ComplicationList(TopicList):
    """The complications that readers can find now, in short."""

    kind = Complication.KIND
    filterset_class = ComplicationFilter


@describes(Complication)
class ComplicationDetail(TopicDetail):
    """The current edition of a complication."""

    kind = Complication.KIND


def indications() -> QuerySet[ListedIndication]:
    """Return the published cells with condition and references, in one query."""
    link = ListedIndication.references.through
    references = (
        link.objects.filter(listedindication=OuterRef("pk"))
        .order_by("reference__key")
        .values(
            json=JSONObject(
                key="reference__key", title="reference__title", year="reference__year",
                status="reference__status",
            )
        )
    )  # fmt: skip
    return ListedIndication.objects.annotate(
        cited=ArraySubquery(references),
        slug=F("listing__slug"),
        title=F("listing__title"),
        edition_number=F("listing__edition__number"),
    )


def cell_id(cell: ListedIndication) -> str:
    """Return the name of a cell within its condition: a short hash of its key.

    The key is what makes a cell unique, so the name stays the same from edition to edition.
    """
    key = "\n".join(getattr(cell, name) for name in Indication.KEY)
    return hashlib.sha256(key.encode()).hexdigest()[:12]


class IndicationReferenceSerializer(serializers.Serializer):
    """A reference in which the cell was read, with its retraction status as it is now."""

    url = serializers.URLField()
    key = serializers.CharField()
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=Reference.Status.choices)


class IndicationConditionSerializer(serializers.Serializer):
    """The condition whose page shows the cell."""

    url = serializers.URLField()
    slug = serializers.CharField()
    title = serializers.CharField()


class IndicationSerializer(serializers.ModelSerializer):
    """One cell of a published indications table, as it was read there.

    A category means something only under its scheme and edition.
    """

    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    id = serializers.SerializerMethodField(help_text="Its permanent name within the condition.")
    condition = serializers.SerializerMethodField()
    edition = serializers.CharField(help_text="Edition of the scheme.")
    category = serializers.CharField(
        help_text="The letters as printed; empty if the copy at hand did not show the cell."
    )
    category_label = serializers.SerializerMethodField(
        help_text="What these letters mean under this scheme; empty with an empty category."
    )
    evidence = serializers.CharField(help_text="Grade I, II or III; empty if the table gives none.")
    option_label = serializers.CharField(source="get_option_display")
    awaiting_check = serializers.BooleanField(help_text="The source was not yet read again.")
    references = serializers.SerializerMethodField()
    published_in = serializers.SerializerMethodField(help_text="The edition of the condition.")

    class Meta:
        model = ListedIndication
        fields = [
            "url", "html_url", "id", "condition", "scheme", "edition", "population", "disease",
            "status", "option", "option_label", "category", "category_label", "evidence",
            "source", "confidence", "note", "certainty", "awaiting_check", "references",
            "published_in",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, cell):
        request = self.context["request"]
        return api_url(request, "indication-detail", cell.slug, cell_id(cell))

    @extend_schema_field(serializers.URLField)
    def get_html_url(self, cell):
        return self.context["request"].build_absolute_uri(languages.permanent("topic", cell.slug))

    @extend_schema_field(serializers.CharField)
    def get_id(self, cell):
        return cell_id(cell)

    @extend_schema_field(IndicationConditionSerializer)
    def get_condition(self, cell):
        url = api_url(self.context["request"], "condition-detail", cell.slug)
        return {"url": url, "slug": cell.slug, "title": cell.title}

    @extend_schema_field(serializers.CharField)
    def get_category_label(self, cell):
        return CATEGORIES[cell.scheme].get(cell.category, "")

    @extend_schema_field(IndicationReferenceSerializer(many=True))
    def get_references(self, cell):
        return with_urls(cell.cited, self.context["request"])

    @extend_schema_field(serializers.URLField)
    def get_published_in(self, cell):
        return api_url(self.context["request"], "topic-edition", cell.slug, cell.edition_number)


INDICATION_EXPANSIONS = {"condition": expanding.condition, "references": expanding.references}


class PastIndications(OfAnyTime):
    """The cells of one condition as they were."""

    needed = "condition"
    also = {
        name: name
        for name in (
            "scheme", "population", "option", "category", "edition", "evidence", "confidence",
            "certainty", "awaiting_check",
        )
    }  # fmt: skip

    def of_then(self, end, asked) -> list[ListedIndication]:
        edition = self.edition_then(self.request.query_params["condition"], end)
        return self.fitting(ListedIndication.of_then(edition), asked)

    def rows_of_then(self, cells) -> list[dict]:
        return told(cells, self.request)


def told(cells, request) -> list[dict]:
    """Return what the API says of cells. Of cells of the past, all addresses are of then."""
    rows = IndicationSerializer(cells, many=True, context={"request": request}).data
    if moment(request):
        for row in rows:
            row["url"] = pinned(row["url"], request)
            row["html_url"] = row["condition"]["url"] = row["published_in"]
    return rows


@extend_schema(
    parameters=[PARAMETER], responses={200: IndicationSerializer(many=True), **LIST_PROBLEMS}
)
class IndicationList(PastIndications, Cacheable, generics.ListAPIView):
    """The cells of published indications tables, over all conditions."""

    queryset = ListedIndication.objects.all()
    serializer_class = IndicationSerializer
    filterset_class = IndicationFilter
    expansions = INDICATION_EXPANSIONS

    def get_queryset(self):
        return indications()


class IndicationDetail(TopicView, APIView):
    kind = Condition.KIND
    shape = IndicationSerializer
    expansions = INDICATION_EXPANSIONS
    parameters = frozenset({AS_OF})

    @extend_schema(
        parameters=[PARAMETER], responses={200: IndicationSerializer, **MOVED, **TOPIC_PROBLEMS}
    )
    def get(self, request, slug, cell):
        """One cell, by the slug of its condition and its own name."""
        for found in self._cells(slug):
            if cell_id(found) == cell:
                return self.shaped_response(told([found], request)[0])
        if not moment(request):
            reading.current(slug, self.kind)  # the condition may have moved, or be withdrawn
        raise exceptions.NotFound("The condition has no such cell.")

    def _cells(self, slug: str):
        if not (end := moment(self.request)):
            return indications().filter(slug=slug)
        try:
            edition = reading.before(slug, end, self.kind).edition
        except (reading.NotPublishedThen, reading.WithdrawnThen) as error:
            raise was_absent(error, self.request, slug) from None
        return ListedIndication.of_then(edition)


urlpatterns = [
    path("therapies/", TherapyList.as_view(), name="therapy-list"),
    path("therapies/<slug:slug>/", TherapyDetail.as_view(), name="therapy-detail"),
    path("agents/", AgentList.as_view(), name="agent-list"),
    path("agents/<slug:slug>/", AgentDetail.as_view(), name="agent-detail"),
    path("conditions/", ConditionList.as_view(), name="condition-list"),
    path("conditions/<slug:slug>/", ConditionDetail.as_view(), name="condition-detail"),
    path("complications/", ComplicationList.as_view(), name="complication-list"),
    path("complications/<slug:slug>/", ComplicationDetail.as_view(), name="complication-detail"),
    path("indications/", IndicationList.as_view(), name="indication-list"),
    path(
        "indications/<slug:slug>/<slug:cell>/", IndicationDetail.as_view(), name="indication-detail"
    ),
]

"""References in the API: each publication with its retraction status and who cites it."""

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from hsc_portal.rest import DETAIL_PROBLEMS, LIST_PROBLEMS, Cacheable, api_url
from references.filters import ReferenceFilter
from references.models import Notice, Reference
from references.shown import public

CSL_SCHEMA = {
    "type": "object",
    "description": "The publication as CSL-JSON.",
    "required": ["id", "title"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"}},
    "additionalProperties": True,
}


@extend_schema_field(CSL_SCHEMA)
class CSLField(serializers.JSONField):
    def to_representation(self, value):
        return super().to_representation(public(value))


class NoticeSerializer(serializers.ModelSerializer):
    """Whether the publication was retracted, corrected or called into question."""

    status = serializers.ChoiceField(choices=Reference.Status.choices)
    label = serializers.CharField(source="get_status_display", help_text="The status in words.")
    on = serializers.DateField(source="status_on", allow_null=True, help_text="Date of the notice.")
    notice = serializers.CharField(source="status_notice")
    source = serializers.CharField(source="status_source")
    checked_on = serializers.DateField(allow_null=True, help_text="When the status was checked.")

    class Meta:
        model = Reference
        fields = ["status", "label", "on", "notice", "source", "checked_on"]


class PublishedNoticeSerializer(serializers.ModelSerializer):
    """What a source told of the publication. It never changes."""

    label = serializers.CharField(source="get_kind_display", help_text="The kind in words.")
    date = serializers.DateField(allow_null=True, help_text="None where the source tells no day.")
    doi = serializers.CharField(help_text="Of the notice itself.")
    pmid = serializers.CharField(help_text="Of the notice itself.")
    url = serializers.CharField(help_text="Where the notice can be read.")

    class Meta:
        model = Notice
        fields = ["kind", "label", "date", "doi", "pmid", "url", "words", "source", "found_at"]
        read_only_fields = fields


class ReferenceSerializer(serializers.ModelSerializer):
    """A publication."""

    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    csl = CSLField()
    retraction = NoticeSerializer(source="*")
    statements = serializers.SerializerMethodField(help_text="The statements that cite it now.")
    topics = serializers.SerializerMethodField(help_text="The topics that cite it now.")

    class Meta:
        model = Reference
        fields = [
            "url", "html_url", "key", "title", "authors", "container", "year", "doi", "pmid",
            "pmcid", "study_type", "retraction", "csl", "statements", "topics",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, reference):
        return api_url(self.context["request"], "reference-detail", reference.key)

    @extend_schema_field(serializers.URLField)
    def get_html_url(self, reference):
        return self.context["request"].build_absolute_uri(reference.get_absolute_url())

    @extend_schema_field(serializers.URLField)
    def get_statements(self, reference):
        return self._citing("statement-list", reference)

    @extend_schema_field(serializers.URLField)
    def get_topics(self, reference):
        return self._citing("topic-list", reference)

    def _citing(self, route: str, reference: Reference) -> str:
        return f"{api_url(self.context['request'], route)}?reference={reference.key}"


class CitingTopicSerializer(serializers.Serializer):
    """A topic whose current edition cites the publication, in its text or its tables."""

    url = serializers.URLField()
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()


class ReferenceDetailSerializer(ReferenceSerializer):
    """A publication with all notices about it, and the topics that cite it now."""

    notices = PublishedNoticeSerializer(
        source="history", many=True, read_only=True, help_text="The newest first."
    )
    also_known_as = serializers.ListField(
        source="other_keys", child=serializers.CharField(), read_only=True,
        help_text="Keys of references that were merged into this one. They work for ever.",
    )  # fmt: skip
    cited_by = serializers.SerializerMethodField()

    class Meta(ReferenceSerializer.Meta):
        fields = [*ReferenceSerializer.Meta.fields, "notices", "also_known_as", "cited_by"]
        read_only_fields = fields

    @extend_schema_field(CitingTopicSerializer(many=True))
    def get_cited_by(self, reference):
        listing = "edition__listing__"
        citations = Reference._meta.get_field("citations").related_model.objects
        citing = citations.filter(reference__in=reference.same(), edition__listing__isnull=False)
        # Once, although an edition may cite it by two of its keys.
        citing = citing.order_by(f"{listing}title", f"{listing}pk").distinct()
        rows = citing.values_list(f"{listing}slug", f"{listing}title", f"{listing}kind")
        request = self.context["request"]
        return [
            {
                "url": api_url(request, "topic-detail", slug),
                "slug": slug,
                "title": title,
                "kind": kind,
            }
            for slug, title, kind in rows
        ]


@extend_schema(responses={200: ReferenceSerializer(many=True), **LIST_PROBLEMS})
class ReferenceList(Cacheable, generics.ListAPIView):
    """The publications that the portal rests on."""

    queryset = Reference.objects.listed()
    serializer_class = ReferenceSerializer
    filterset_class = ReferenceFilter


class ReferenceDetail(Cacheable, APIView):
    shape = ReferenceDetailSerializer

    @extend_schema(
        responses={
            200: ReferenceDetailSerializer,
            301: OpenApiResponse(description="It was merged into another reference: read that."),
            **DETAIL_PROBLEMS,
        }
    )
    def get(self, request, key):
        """One publication, the notices about it, and the topics that cite it now."""
        reference = get_object_or_404(Reference.objects.with_notices(), key=key)
        if reference.merged_into:
            kept = api_url(request, "reference-detail", reference.merged_into.key)
            query = request.META["QUERY_STRING"]
            return Response(status=301, headers={"Location": f"{kept}?{query}" if query else kept})
        serializer = ReferenceDetailSerializer(reference, context={"request": request})
        return self.shaped_response(serializer.data)


urlpatterns = [
    path("references/", ReferenceList.as_view(), name="reference-list"),
    path("references/<slug:key>/", ReferenceDetail.as_view(), name="reference-detail"),
]

"""What the API says about listings, statements and editions, and the schema of the envelope."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from hsc_portal import languages
from hsc_portal.rest import api_url
from references.models import Reference
from references.shown import public
from topics.choices import Certainty, CodeSystem, Kind, Match
from topics.listed import UNCITED_ROWS
from topics.models import ListedCode, Listing, Statement, StatementCitation

REVIEWED = "reviewed by a clinician"
UNREVIEWED = "not yet reviewed by a clinician"
REVIEW_STATUS = [(REVIEWED, REVIEWED), (UNREVIEWED, UNREVIEWED)]
CURRENT, SUPERSEDED, WITHDRAWN = "current", "superseded", "withdrawn"
EDITION_STATUS = [
    (CURRENT, "What readers see now"),
    (SUPERSEDED, "A newer edition was published since, and may be withdrawn itself"),
    (WITHDRAWN, "It, or its whole topic, is withdrawn: do not rely on it"),
]


def listings(kind: str | None = None) -> QuerySet[Listing]:
    """Return the listings of one kind or of all, with their codes, in one query."""
    codes = ListedCode.objects.filter(listing=OuterRef("pk")).values(
        json=JSONObject(system="system", code="code", match="match", verified="verified")
    )
    found = Listing.objects.select_related("edition").annotate(listed_codes=ArraySubquery(codes))
    # What a row does not show can be long: search vectors, links, the editors' words.
    found = found.defer("search", "links", "relations", "related", "partners", "edition__interests")
    return found.filter(kind=kind) if kind else found


def statements() -> QuerySet[Statement]:
    """Return the published statements with topic and citations, in one query."""
    citations = StatementCitation.objects.filter(statement=OuterRef("pk")).values(
        json=JSONObject(
            key="reference__key", locator="locator", title="reference__title",
            year="reference__year", status="reference__status", csl="reference__csl",
        )
    )  # fmt: skip
    return (
        Statement.objects.annotate(cited=ArraySubquery(citations))
        .annotate(
            slug=F("listing__slug"), topic_title=F("listing__title"),
            topic_kind=F("listing__kind"), edition_number=F("listing__edition__number"),
            reviewed_at=F("listing__reviewed_at"),
        )
        .defer("search")
    )  # fmt: skip


class CodeSerializer(serializers.Serializer):
    """A code of the topic's subject in a terminology."""

    system = serializers.ChoiceField(choices=CodeSystem.choices)
    code = serializers.CharField()
    match = serializers.ChoiceField(choices=Match.choices)
    verified = serializers.BooleanField(help_text="Found in a released table of the terminology.")


class ListingSerializer(serializers.ModelSerializer):
    """A topic that readers can find now, in short."""

    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    facets = serializers.SerializerMethodField(
        help_text="What it can be filtered by, as {'category': ['mobilization']}."
    )
    codes = CodeSerializer(source="listed_codes", many=True)
    edition = serializers.IntegerField(source="edition.number", help_text="Number of the edition.")
    digest = serializers.CharField(source="edition.digest", help_text="sha256 of its Document.")
    review_status = serializers.SerializerMethodField()
    certainties = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of statements of each certainty."
    )

    class Meta:
        model = Listing
        fields = [
            "url", "html_url", "slug", "kind", "title", "summary", "synonyms", "areas", "facets",
            "codes", "edition", "digest", "published_at", "review_status", "reviewed_at",
            "next_review", "statement_count", "uncited_count", "certainties",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, listing):
        return api_url(self.context["request"], "topic-detail", listing.slug)

    @extend_schema_field(serializers.URLField)
    def get_html_url(self, listing):
        return self.context["request"].build_absolute_uri(listing.get_absolute_url())

    @extend_schema_field(
        serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    def get_facets(self, listing):
        return {
            name: values
            for name, values in listing.facets.items()
            if name not in ("reference", UNCITED_ROWS)
        }

    @extend_schema_field(serializers.ChoiceField(choices=REVIEW_STATUS))
    def get_review_status(self, listing):
        return REVIEWED if listing.reviewed_at else UNREVIEWED


class StatementCitationSerializer(serializers.Serializer):
    """A reference that a statement cites, with its retraction status as it is now."""

    url = serializers.URLField()
    key = serializers.CharField()
    locator = serializers.CharField(help_text="The place in it, as p. 690. May be empty.")
    title = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=Reference.Status.choices)
    csl = serializers.DictField(help_text="The publication as CSL-JSON.")


class StatementTopicSerializer(serializers.Serializer):
    """The topic in which the statement stands."""

    url = serializers.URLField()
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)


class StatementSerializer(serializers.ModelSerializer):
    """A statement of a current edition: how sure it is, and what it rests on."""

    url = serializers.SerializerMethodField()
    html_url = serializers.SerializerMethodField()
    permanent_url = serializers.SerializerMethodField(
        help_text="The statement in this very edition, for ever."
    )
    text = serializers.CharField(help_text="In plain words, without markup and citations.")
    section = serializers.CharField(source="section_kind", help_text="Kind of its section.")
    certainty = serializers.ChoiceField(choices=Certainty.choices)
    awaiting_check = serializers.BooleanField(help_text="The source was not yet read again.")
    citations = serializers.SerializerMethodField()
    topic = serializers.SerializerMethodField()
    edition = serializers.SerializerMethodField(help_text="The edition in which it stands.")
    review_status = serializers.SerializerMethodField()

    class Meta:
        model = Statement
        fields = [
            "url", "html_url", "permanent_url", "anchor", "text", "section", "section_heading",
            "certainty", "awaiting_check", "citations", "topic", "edition", "review_status",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.URLField)
    def get_url(self, row):
        return api_url(self.context["request"], "statement-detail", row.slug, row.anchor)

    @extend_schema_field(serializers.URLField)
    def get_html_url(self, row):
        page = languages.permanent("topic", row.slug)
        return self.context["request"].build_absolute_uri(f"{page}#{row.anchor}")

    @extend_schema_field(serializers.URLField)
    def get_permanent_url(self, row):
        page = languages.permanent("edition", row.slug, row.edition_number)
        return self.context["request"].build_absolute_uri(f"{page}#{row.anchor}")

    @extend_schema_field(StatementCitationSerializer(many=True))
    def get_citations(self, row):
        return with_urls(row.cited, self.context["request"])

    @extend_schema_field(StatementTopicSerializer)
    def get_topic(self, row):
        url = api_url(self.context["request"], "topic-detail", row.slug)
        return {"url": url, "slug": row.slug, "title": row.topic_title, "kind": row.topic_kind}

    @extend_schema_field(serializers.URLField)
    def get_edition(self, row):
        request = self.context["request"]
        return api_url(request, "topic-edition", row.slug, row.edition_number)

    @extend_schema_field(serializers.ChoiceField(choices=REVIEW_STATUS))
    def get_review_status(self, row):
        return REVIEWED if row.reviewed_at else UNREVIEWED


def with_urls(references: list[dict], request) -> list[dict]:
    """Return cited references, each with its address in the API first."""
    return [
        {"url": api_url(request, "reference-detail", cited["key"]), "key": cited["key"], **cited}
        | ({"csl": public(cited["csl"])} if "csl" in cited else {})
        for cited in references
    ]

"""The OpenAPI schema of Documents and their envelope, made from the models' own fields.

Empty fields are left out of a Document, and so are fields that have their default value. So only
fields that cannot be empty are required here, and the others name their default.
"""

from functools import cache

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from references.api import CSLField
from references.models import Reference
from topics.api.serializers import EDITION_STATUS, REVIEW_STATUS
from topics.choices import Certainty, Kind
from topics.models import Code, Figure, Relation, Section, Topic


class PartSerializer(serializers.ModelSerializer):
    """A part of a Document, described by the model whose rows it is built from."""

    # Some values are written even if they are the default.
    ALWAYS = ()

    def build_standard_field(self, field_name, model_field):
        field_class, options = super().build_standard_field(field_name, model_field)
        options.pop("allow_null", None)
        options.pop("validators", None)
        if field_name in self.ALWAYS:
            options["required"] = True
        elif model_field.has_default() and not callable(model_field.default):
            options.pop("required", None)
            options["default"] = model_field.default
        return field_class, options

    def get_uniqueness_extra_kwargs(self, field_names, declared_fields, extra_kwargs):
        # Rules of uniqueness between rows say nothing about which fields a row must have.
        return extra_kwargs, {}

    def get_validators(self):
        return []


def part(model, names, name: str, **members) -> type[PartSerializer]:
    """Return a serializer that describes the named fields of a model as they stand in Documents.

    Links to topics are their slugs, links to references lists of keys. `members` are what else
    stands beside the fields, and the serializer's own attributes.
    """
    for field in (model._meta.get_field(name) for name in names):
        if field.many_to_many:
            members[field.name] = serializers.ListField(
                child=serializers.CharField(), required=False, help_text="Keys of references."
            )
        elif field.is_relation:
            kind = field.related_model._meta.verbose_name
            members[field.name] = serializers.SlugField(help_text=f"Slug of the {kind}.")
    doc = (model.__doc__ or "").strip()
    declared = [n for n, member in members.items() if isinstance(member, serializers.Field)]
    fields = list(dict.fromkeys([*declared, *names]))
    meta = type("Meta", (), {"model": model, "fields": fields})
    return type(name, (PartSerializer,), {"Meta": meta, "__doc__": doc, **members})


class CitationPart(serializers.Serializer):
    """A reference's key, and the place in it if one is given."""

    key = serializers.CharField()
    locator = serializers.CharField(required=False)


class StatementPart(serializers.Serializer):
    """One paragraph or list item."""

    anchor = serializers.CharField(help_text="Its permanent name within the topic.")
    text = serializers.CharField(help_text="In plain words, without markup and citations.")
    certainty = serializers.ChoiceField(choices=Certainty.choices, default=Certainty.UNGRADED)
    awaiting_check = serializers.BooleanField(default=False)
    citations = CitationPart(many=True, required=False)
    links = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Slugs of topics."
    )


SectionPart = part(
    Section, Section.DOCUMENT_FIELDS, "SectionPart",
    ALWAYS=("kind",), anchor=serializers.CharField(), statements=StatementPart(many=True),
)  # fmt: skip
CodePart = part(Code, Code.DOCUMENT_FIELDS, "CodePart", ALWAYS=("match",))
RelationPart = part(Relation, Relation.DOCUMENT_FIELDS, "RelationPart", ALWAYS=("kind",))
FigurePart = part(Figure, Figure.DOCUMENT_FIELDS, "FigurePart")


def kind_of(model: type[Topic]) -> serializers.CharField:
    """Return a field that always has the value of one kind."""
    field = type("KindField", (serializers.CharField,), {})
    return extend_schema_field({"type": "string", "const": str(model.KIND)})(field)()


@cache
def document_of(model: type[Topic]) -> type[PartSerializer]:
    """Return the serializer that describes the Documents of a kind."""
    name = model.__name__
    members = {
        "schema": serializers.IntegerField(
            help_text="The oldest schema that can hold the Document."
        ),
        "kind": kind_of(model),
        "sections": SectionPart(many=True, required=False),
        "codes": CodePart(many=True, required=False),
        "relations": RelationPart(many=True, required=False),
        "figures": FigurePart(many=True, required=False),
        "references": serializers.ListField(
            child=CSLField(), help_text="Each publication that is cited, as CSL-JSON."
        ),
    }
    if model.FACTS:
        facts = part(model, model.FACTS, f"{name}Facts")
        members["facts"] = facts(help_text="The kind's own fields.")
    if model.TABLES:
        members["tables"] = _tables_of(model)(required=False, help_text="The clinical tables.")
    return part(model, model.BASIC_FIELDS, f"{name}Document", **members)


def _tables_of(model: type[Topic]) -> type[serializers.Serializer]:
    rows = {table: model.row_model(table) for table in model.TABLES}
    members = {
        table: part(row, row.DOCUMENT_FIELDS, f"{row.__name__}Row")(many=True, required=False)
        for table, row in rows.items()
    }
    return type(f"{model.__name__}Tables", (serializers.Serializer,), members)


class EditionSerializer(serializers.Serializer):
    """Who published an edition, when and why, and what proves that it is unchanged."""

    url = serializers.URLField(help_text="Permanent.")
    number = serializers.IntegerField()
    status = serializers.ChoiceField(choices=EDITION_STATUS)
    digest = serializers.CharField(help_text="sha256 of the Document as canonical JSON.")
    hash = serializers.CharField(help_text="Chained to the hash of the edition before.")
    previous_hash = serializers.CharField(help_text="Empty for the first edition.")
    topic_id = serializers.IntegerField(help_text="Part of what is hashed.")
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField()
    change_note = serializers.CharField()


class ReviewSerializer(serializers.Serializer):
    """Which clinician approved the edition, or plainly that none did."""

    status = serializers.ChoiceField(choices=REVIEW_STATUS)
    reviewed = serializers.BooleanField()
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    interests = serializers.CharField(allow_null=True, help_text="What the reviewer declared.")


class WithdrawalSerializer(serializers.Serializer):
    """When an edition was taken from the readers, and why.

    While a topic is withdrawn, each of its editions is; once a new edition is published, only those
    that were withdrawn themselves.
    """

    at = serializers.DateTimeField()
    reason = serializers.CharField()


class EditionRowSerializer(EditionSerializer):
    """One edition in the history of a topic."""

    review = ReviewSerializer()
    withdrawal = WithdrawalSerializer(allow_null=True)


class WarningSerializer(serializers.Serializer):
    """A cited reference about which there is a notice today."""

    url = serializers.URLField()
    key = serializers.CharField()
    status = serializers.ChoiceField(choices=Reference.Status.choices)
    label = serializers.CharField(help_text="The status in words.")
    on = serializers.DateField(allow_null=True, help_text="Date of the notice.")
    notice = serializers.CharField()


class RelatedSerializer(serializers.Serializer):
    """A related topic. The label says how it is related, read from this topic."""

    label = serializers.CharField()
    url = serializers.URLField()
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)


class LinksSerializer(serializers.Serializer):
    """Where the linked things are."""

    topic = serializers.URLField(help_text="The current edition.")
    as_kind = serializers.URLField(
        allow_null=True, help_text="The same answer where its schema is that of its kind alone."
    )
    editions = serializers.URLField(help_text="All editions.")
    statements = serializers.URLField(help_text="The statements of the current edition.")
    related = RelatedSerializer(many=True)
    topics = serializers.DictField(
        child=serializers.URLField(allow_null=True),
        help_text="Each slug in the Document, and where that topic is; null if it is withdrawn.",
    )
    references = serializers.DictField(
        child=serializers.URLField(), help_text="Each key in the Document, and where it is."
    )
    figures = serializers.DictField(
        child=serializers.URLField(), help_text="Each figure by its key, and where its picture is."
    )


class PartnerSerializer(serializers.Serializer):
    """A content network or site that works on the topic."""

    name = serializers.CharField()
    url = serializers.URLField()


class OwnCitationSerializer(serializers.Serializer):
    """How the edition itself is cited."""

    text = serializers.CharField()
    csl = serializers.DictField(help_text="As CSL-JSON.")


class Envelope(serializers.Serializer):
    """An edition of a topic: its Document, and all that must be known beside it."""

    url = serializers.URLField()
    html_url = serializers.URLField()
    permanent_url = serializers.URLField(help_text="The page of this very edition, for ever.")
    slug = serializers.CharField(help_text="The address of the topic now.")
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    edition = EditionSerializer()
    review = ReviewSerializer()
    withdrawal = WithdrawalSerializer(allow_null=True)
    next_review = serializers.DateField(allow_null=True)
    license = serializers.URLField()
    attribution = serializers.CharField(
        help_text="What to write beside the content where it is used."
    )
    citation = OwnCitationSerializer()
    partners = PartnerSerializer(many=True)
    warnings = WarningSerializer(many=True)
    links = LinksSerializer()


class WholeEnvelope(Envelope):
    """An envelope of any kind, for asking for parts of it."""

    document = serializers.DictField()


@cache
def envelope_of(model: type[Topic]) -> type[Envelope]:
    """Return the serializer that describes the answers about a kind."""
    members = {
        "kind": kind_of(model),
        "document": document_of(model)(
            help_text="Unchanged since it was published, so an old one may be of an older schema."
        ),
        "__doc__": Envelope.__doc__,
    }
    return type(f"{model.__name__}Envelope", (Envelope,), members)


def envelope_of_any_kind() -> PolymorphicProxySerializer:
    """Return what describes the answers where a topic may be of any kind."""
    return PolymorphicProxySerializer(
        component_name="Envelope",
        # Late, since the kinds are defined in rooms above this one.
        serializers=lambda: {
            str(model.KIND): envelope_of(model) for model in (Topic, *Topic.__subclasses__())
        },
        resource_type_field_name="kind",
    )

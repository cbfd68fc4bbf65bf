"""The draft of a topic: the rows that editors change and readers never see."""

import re
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from references.models import Partner
from topics import statements
from topics.choices import CODE_FORMS, Area, CodeSystem, Kind, Match, RelationKind, SectionKind
from topics.models.rows import (
    Row,
    choice_check,
    fields_from_document,
    fields_to_document,
    refuse_html,
    save_checked,
)

UNVERIFIED_EXACT = (
    "A code that was not found in a released table cannot be exact. Look it up, or call it related."
)


class Topic(models.Model):
    """The unit of the knowledge base: one page, of one kind.

    A kind with fields and tables of its own inherits from this model and sets `KIND`, `FACTS`
    and `TABLES`; whatever builds, loads, lists or shows topics asks the class and knows no kind.
    """

    KIND: ClassVar[str] = Kind.OVERVIEW
    FACTS: ClassVar[tuple[str, ...]] = ()
    """Names of the kind's own fields that stand in its Document."""
    TABLES: ClassVar[dict[str, str]] = {}
    """Document name of each clinical table → name of the relation that holds its rows."""

    NEEDED_SECTIONS: ClassVar[tuple[tuple[str, ...], ...]] = (("key_points",), ("evidence",))
    """What a reader expects of the kind: of each group one section, or one filled table."""

    ROWS: ClassVar[tuple[str, ...]] = ("sections", "codes", "relations", "figures")
    BASIC_FIELDS: ClassVar[tuple[str, ...]] = (
        "slug", "title", "areas", "language", "summary", "synonyms", "next_review", "note",
    )  # fmt: skip

    kind = models.CharField(max_length=12, choices=Kind, editable=False)
    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text="The last part of the page's address. Old addresses keep working.",
    )
    title = models.CharField(max_length=200)
    areas = ArrayField(models.CharField(max_length=20, choices=Area), default=list)
    language = models.CharField(max_length=8, default="en")
    summary = models.TextField(help_text="One to three sentences that answer the title.")
    synonyms = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    note = models.TextField(
        "editors' note", blank=True, help_text="Readers see it with the history of the topic."
    )
    next_review = models.DateField("next review due", null=True, blank=True)
    partners = models.ManyToManyField(Partner, blank=True, related_name="topics")

    class Meta:
        ordering = ["title"]
        constraints = [
            choice_check("topic", "kind", Kind),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
                name="topic_slug_form",
                violation_error_message=(
                    "The address has lower-case letters and digits, joined by single hyphens."
                ),
            ),
            models.CheckConstraint(condition=~Q(title=""), name="topic_has_title"),
            models.CheckConstraint(condition=~Q(summary=""), name="topic_has_summary"),
            models.CheckConstraint(
                condition=Q(areas__contained_by=Area.values), name="topic_areas"
            ),
        ]
        permissions = [
            ("submit_topic", "Can submit a topic for review"),
            ("review_topic", "Can review a topic as a clinician"),
            ("publish_topic", "Can publish a reviewed topic"),
            ("publish_unreviewed_topic", "Can publish a topic that was not reviewed"),
            ("withdraw_topic", "Can withdraw a published topic"),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.kind = self.kind or self.KIND
        super().save(*args, **kwargs)

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude)
        refuse_html(self, exclude)

    def clean(self):
        super().clean()
        others = Topic.objects.exclude(pk=self.pk).select_related("listing")
        if owner := others.filter(published_slugs__slug=self.slug).first():
            words = f"{owner.told_at(self.slug)} Choose another address."
            raise ValidationError({"slug": ValidationError(words, code="taken")})

    def told_at(self, slug: str) -> str:
        """Return in words that an address is this topic's, as it was published there."""
        listing = getattr(self, "listing", None)
        if listing and listing.slug == slug:
            return f"“{self}” is published at “{slug}”."
        return f"“{self}” was once published at “{slug}”, and the address stays with it."

    @classmethod
    def at(cls, slug: str) -> "Topic | None":
        """Return the topic that was ever published at an address, or whose draft has it."""
        published = cls.objects.filter(published_slugs__slug=slug).first()
        return published or cls.objects.filter(slug=slug).first()

    @classmethod
    def all_at(cls, slugs: set[str]) -> dict[str, "Topic"]:
        """Return what `at` returns for each of many addresses, without those that have none."""
        if not slugs:
            return {}
        drafts = {topic.slug: topic for topic in cls.objects.filter(slug__in=slugs)}
        known = cls.objects.filter(published_slugs__slug__in=slugs)
        known = known.annotate(address_then=F("published_slugs__slug"))
        return drafts | {topic.address_then: topic for topic in known}

    @property
    def address(self) -> str:
        """The slug by which other Documents name this topic.

        It is the one that readers know: a new one that is still a draft would leak, and would
        change the Document of each topic that links here.
        """
        listing = getattr(self, "listing", None)
        if listing:
            return listing.slug
        published = sorted(known.slug for known in self.published_slugs.all())
        return published[0] if published else self.slug

    @classmethod
    def class_for(cls, kind: str) -> type["Topic"]:
        """Return the model of a kind: Topic itself for overviews."""
        return {model.KIND: model for model in (Topic, *Topic.__subclasses__())}[kind]

    @classmethod
    def row_model(cls, name: str) -> type[Row]:
        """Return the model of the rows that stand in the Document under a name."""
        return cls._meta.get_field(cls.TABLES.get(name, name)).related_model

    @property
    def specific(self) -> "Topic":
        """Return this topic as an instance of its kind's own model."""
        model = self.class_for(self.kind)
        return self if isinstance(self, model) else model.objects.get(pk=self.pk)

    @classmethod
    def specific_of(cls, topics: list["Topic"]) -> list["Topic"]:
        """Return topics as instances of their kinds' own models, with what Documents need."""
        found: dict[int, Topic] = {}
        for model in {cls.class_for(topic.kind) for topic in topics}:
            many = [name for name in model.FACTS if model._meta.get_field(name).many_to_many]
            numbers = [topic.pk for topic in topics if topic.kind == model.KIND]
            found |= model.objects.prefetch_related(*many).in_bulk(numbers)
        return [found[topic.pk] for topic in topics]

    @classmethod
    def rows_of(cls, topics: list["Topic"]) -> dict[str, dict[int, list[Row]]]:
        """Return the rows of topics of this kind, by name in the Document and by topic."""
        return {name: cls.row_model(name).by_owner(topics) for name in (*cls.ROWS, *cls.TABLES)}

    def to_document(self, rows: dict[str, dict[int, list[Row]]]) -> dict:
        """Return the topic's own part of its Document: fields, facts and tables, no statements.

        `rows` are those that `rows_of` returns.
        """

        def told(names) -> dict[str, list[dict]]:
            own = {name: rows[name].get(self.pk, []) for name in names}
            return {
                name: [row.to_document() for row in found] for name, found in own.items() if found
            }

        data = {"kind": str(self.kind), **fields_to_document(self, self.BASIC_FIELDS)}
        data |= told(self.ROWS)
        if facts := fields_to_document(self, self.FACTS):
            data["facts"] = facts
        if tables := told(self.TABLES):
            data["tables"] = tables
        return data

    def load_fields(self, document: dict) -> None:
        """Set the topic's own fields and facts from a Document, and save it without its rows."""
        values = fields_from_document(type(self), document, self.BASIC_FIELDS)
        facts = document.get("facts", {})
        values |= fields_from_document(type(self), facts, self.FACTS)
        for name, value in values.items():
            setattr(self, name, value)
        self.kind = self.KIND
        save_checked(self)

    @classmethod
    def load_rows(cls, loaded: list[tuple["Topic", dict]]) -> None:
        """Replace all rows of topics of this kind by those of their Documents.

        The topics that they link to must exist.
        """
        for topic, document in loaded:
            topic.load_references(document.get("facts", {}))
        for name in cls.ROWS:
            cls.row_model(name).load_all([(topic, d.get(name, [])) for topic, d in loaded])
        for name in cls.TABLES:
            cls.row_model(name).load_all(
                [(topic, d.get("tables", {}).get(name, [])) for topic, d in loaded]
            )

    def load_references(self, facts: dict) -> None:
        """Link what the facts rest on. A kind without such a field has nothing to do."""

    @classmethod
    def listing_facets(cls, document: dict) -> dict[str, list[str]]:
        """Return what a published Document of this kind can be filtered by, beside the basics."""
        return {}

    @classmethod
    def page_facts(cls, document: dict) -> list[tuple[str, str]]:
        """Return label and words of each fact that a page shows at a glance."""
        return []

    @classmethod
    def page_tables(cls, document: dict, links) -> list:
        """Return what a page shows of the clinical tables: a list of `topics.tables.Table`.

        `links` (`topics.rendering.TopicLinks`) knows title and address of the topics named.
        """
        return []

    @classmethod
    def page_overview(cls, document: dict, related: list[dict]):
        """Return what a page says first of all, before its text (`topics.tables.Overview`).

        `related` is that of its `Listing`.
        """
        return None

    @classmethod
    def page_scales(cls, tables: list) -> list:
        """Return what a page weighs side by side, made of its tables (`topics.tables.Scale`)."""
        return []

    @classmethod
    def page_charts(cls, document: dict, links) -> list:
        """Return what a page draws of the clinical tables: a list of `topics.charts.Chart`.

        `links` is that of `page_tables`.
        """
        return []

    @classmethod
    def refresh_derived(cls, listing, document: dict) -> None:
        """Rewrite the rows that a kind derives from its published Document, beside the listing."""


class Section(Row):
    """A part of a topic under one heading, in Markdown."""

    DOCUMENT_FIELDS = ("kind", "heading", "body")
    NAMED_BY = "heading"

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="sections")
    kind = models.CharField(max_length=12, choices=SectionKind, default=SectionKind.OVERVIEW)
    heading = models.CharField(max_length=200, help_text="Best the question that a reader asks.")
    body = models.TextField()

    class Meta(Row.Meta):
        constraints = [
            choice_check("section", "kind", SectionKind),
            models.CheckConstraint(condition=~Q(heading=""), name="section_has_heading"),
        ]

    def __str__(self):
        return self.heading

    def to_document(self) -> dict:
        # The kind is always written: a section without one would be hard to read in a file.
        return {**super().to_document(), "kind": str(self.kind)}

    def clean(self):
        super().clean()
        self.body = normalise_body(self.body)
        try:
            statements.parse(self.body)
        except ValidationError as error:
            raise ValidationError({"body": error.messages}) from error


def normalise_body(body: str) -> str:
    """Return Markdown with plain line ends and no space at line ends or around the text."""
    return "\n".join(line.rstrip() for line in body.splitlines()).strip("\n")


class Code(Row):
    """An identifier of the topic's subject in a terminology."""

    DOCUMENT_FIELDS = ("system", "code", "label", "match", "verified")

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="codes")
    system = models.CharField(max_length=12, choices=CodeSystem)
    code = models.CharField(max_length=40)
    label = models.CharField("label in the terminology", max_length=300, blank=True)
    match = models.CharField(max_length=8, choices=Match, default=Match.EXACT)
    verified = models.BooleanField(
        default=True, help_text="The code was found in a released table of the terminology."
    )

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["topic", "system", "code"], name="code_once_per_topic"),
            choice_check("code", "system", CodeSystem),
            choice_check("code", "match", Match),
            models.CheckConstraint(
                condition=Q(verified=True) | ~Q(match=Match.EXACT),
                name="code_exact_only_if_verified",
                violation_error_message=UNVERIFIED_EXACT,
            ),
        ]

    def __str__(self):
        return f"{self.system} {self.code}"

    def clean(self):
        super().clean()
        form, example = CODE_FORMS.get(self.system, (".*", ""))
        if not re.fullmatch(form, self.code):
            message = f"“{self.code}” is no code of {self.system}. One looks like {example}."
            raise ValidationError({"code": message})
        if self.match == Match.EXACT and not self.verified:
            raise ValidationError({"match": UNVERIFIED_EXACT})

    def to_document(self) -> dict:
        return {**super().to_document(), "match": str(self.match)}


class Relation(Row):
    """A typed link from a topic to another one."""

    DOCUMENT_FIELDS = ("kind", "target")

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=8, choices=RelationKind, default=RelationKind.RELATED)
    target = models.ForeignKey(Topic, models.PROTECT, related_name="relations_to")

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["topic", "kind", "target"], name="relation_once"),
            models.CheckConstraint(
                condition=~Q(topic=F("target")),
                name="relation_not_to_itself",
                violation_error_message="A topic cannot be related to itself.",
            ),
            choice_check("relation", "kind", RelationKind),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.target}"

    def to_document(self) -> dict:
        return {**super().to_document(), "kind": str(self.kind)}

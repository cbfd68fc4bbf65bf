"""What readers can find now. All of it is derived from the current editions; see listings.py."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper

from hsc_portal import languages
from references.models import Reference
from topics.choices import Certainty, CodeSystem, Kind, Match, SectionKind
from topics.models.history import Edition
from topics.models.topic import Topic


class Listing(models.Model):
    """One row for each topic with a current edition. The existence of the row means "published".

    `links` has each slug that the Document names, with address, title and kind of the topic that is
    published there now, or null; `relations` are the Document's own, `related` those from both
    ends as a reader sees them. `stamp` changes whenever anything does that a
    page shows beside its Document, so that a cached page can be told from a new one.
    """

    topic = models.OneToOneField(Topic, models.PROTECT, primary_key=True, related_name="listing")
    edition = models.OneToOneField(Edition, models.PROTECT, related_name="listing")
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200)
    areas = ArrayField(models.CharField(max_length=20))
    summary = models.TextField()
    synonyms = ArrayField(models.CharField(max_length=200), default=list)
    published_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    next_review = models.DateField(null=True)
    certainties = models.JSONField(default=dict)
    statement_count = models.PositiveIntegerField(default=0)
    uncited_count = models.PositiveIntegerField(default=0)
    facets = models.JSONField(default=dict)
    links = models.JSONField(default=dict)
    relations = models.JSONField(default=list)
    related = models.JSONField(default=list)
    partners = models.JSONField(default=list)
    # Keys of publications that related topics cite and this one does not, the strongest first.
    publications = models.JSONField(default=list)
    stamp = models.CharField(max_length=16)
    search = SearchVectorField()

    class Meta:
        ordering = ["title", "pk"]
        indexes = [
            models.Index(fields=["kind", "title"], name="listing_by_kind"),
            GinIndex(fields=["areas"], name="listing_areas"),
            GinIndex(fields=["facets"], name="listing_facets", opclasses=["jsonb_path_ops"]),
            GinIndex(fields=["links"], name="listing_links"),
            GinIndex(fields=["search"], name="listing_search"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return languages.permanent("topic", self.slug)


class ListedCode(models.Model):
    """A code of a published topic."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="codes")
    system = models.CharField(max_length=12, choices=CodeSystem)
    code = models.CharField(max_length=40)
    match = models.CharField(max_length=8, choices=Match)
    verified = models.BooleanField()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["system", "code"], name="listed_code"),
            # As `code__iexact` asks.
            models.Index(Upper("code"), name="listed_code_by_any_case"),
        ]

    def __str__(self):
        return f"{self.system} {self.code}"


class Statement(models.Model):
    """A published statement of a current edition."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="statements")
    position = models.PositiveIntegerField()
    anchor = models.CharField(max_length=64)
    section_kind = models.CharField(max_length=12, choices=SectionKind)
    section_heading = models.CharField(max_length=200)
    text = models.TextField()
    certainty = models.CharField(max_length=10, choices=Certainty)
    awaiting_check = models.BooleanField()
    is_cited = models.BooleanField()
    search = SearchVectorField()
    references = models.ManyToManyField(
        Reference, through="StatementCitation", related_name="statements"
    )

    class Meta:
        ordering = ["listing", "position"]
        constraints = [
            models.UniqueConstraint(fields=["listing", "anchor"], name="statement_anchor_unique")
        ]
        indexes = [
            models.Index(fields=["certainty"], name="statement_certainty"),
            GinIndex(fields=["search"], name="statement_search"),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return f"{self.listing.get_absolute_url()}#{self.anchor}"


class StatementCitation(models.Model):
    """A reference that a published statement cites, with the place in it."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="citations")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="statement_citations")
    position = models.PositiveSmallIntegerField()
    locator = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return f"{self.reference.key}, {self.locator}" if self.locator else self.reference.key

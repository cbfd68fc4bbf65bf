"""Publications and partners."""

from urllib.parse import urlsplit

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from references import csl
from references.fingerprints import fingerprint
from references.identifiers import normalise_doi, normalise_pmcid, normalise_pmid, validate_key
from references.shown import shown


class StudyType(models.TextChoices):
    GUIDELINE = "guideline", _("Guideline")
    SYSTEMATIC_REVIEW = "systematic-review", _("Systematic review or meta-analysis")
    RANDOMIZED_TRIAL = "rct", _("Randomized trial")
    TRIAL = "trial", _("Trial without randomization")
    COHORT = "cohort", _("Cohort or case-control study")
    REGISTRY = "registry", _("Registry study")
    CASE_REPORT = "case-report", _("Case report or series")
    LABORATORY = "lab", _("Laboratory study")
    CONSENSUS = "consensus", _("Consensus statement")
    REVIEW = "review", _("Narrative review or textbook")
    REGULATORY = "regulatory", _("Regulatory document")
    OTHER = "other", pgettext_lazy("study", "Other")


class References(models.QuerySet):
    def by_author(self):
        """Return publications by first author, those that name none by their title among them."""
        listed = Lower(Coalesce(NullIf("authors", Value("")), "title"))
        return self.alias(listed=listed).order_by("listed", "year", "key")


class Reference(models.Model):
    """A publication, kept as CSL-JSON under a short key.

    The columns beside `csl` are read from it by `save()`, so that they can be searched and kept
    unique; `csl` is what counts.
    """

    class Status(models.TextChoices):
        CURRENT = "current", _("No notice known")
        CORRECTED = "corrected", _("Corrected")
        CONCERN = "concern", _("Expression of concern")
        RETRACTED = "retracted", _("Retracted")

    key = models.CharField(max_length=60, unique=True, validators=[validate_key])
    csl = models.JSONField("CSL-JSON", help_text="The publication as a CSL-JSON object.")
    study_type = models.CharField(max_length=20, choices=StudyType, default=StudyType.OTHER)

    title = models.TextField(editable=False)
    authors = models.TextField(editable=False, blank=True)
    container = models.TextField(editable=False, blank=True)
    year = models.PositiveSmallIntegerField(editable=False, null=True)
    doi = models.CharField("DOI", max_length=250, editable=False, null=True)
    pmid = models.CharField("PMID", max_length=9, editable=False, null=True)
    pmcid = models.CharField("PMCID", max_length=13, editable=False, null=True)

    # By what one without DOI and PMID is known again.
    fingerprint = models.CharField(max_length=250, editable=False, default="")

    status = models.CharField(max_length=10, choices=Status, default=Status.CURRENT, editable=False)
    status_on = models.DateField("date of the notice", null=True, editable=False)
    status_notice = models.TextField("notice", blank=True, editable=False)
    status_source = models.CharField(
        "source of the status", max_length=200, blank=True, editable=False
    )
    checked_on = models.DateField("retraction status checked on", null=True, editable=False)

    objects = References.as_manager()

    class Meta:
        ordering = ["key"]
        indexes = [
            GinIndex(fields=["title"], name="reference_title_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["pmcid"], name="reference_by_pmcid"),
            models.Index(fields=["fingerprint"], name="reference_by_fingerprint"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["doi"],
                name="reference_doi_unique",
                violation_error_message="A reference with this DOI exists already.",
            ),
            models.UniqueConstraint(
                fields=["pmid"],
                name="reference_pmid_unique",
                violation_error_message="A reference with this PMID exists already.",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[a-z][a-z0-9_-]*$"), name="reference_key_form"
            ),
            models.CheckConstraint(
                condition=Q(doi__isnull=True) | Q(doi__regex=r"^10\.[0-9]{4,9}/[^[:space:]A-Z]+$"),
                name="reference_doi_normalised",
            ),
            models.CheckConstraint(
                condition=Q(status="current") | Q(status_on__isnull=False),
                name="reference_notice_has_date",
            ),
        ]

    def __str__(self):
        return f"{csl.short_name(self.csl)}: {self.title[:80]}" if self.csl else self.key

    def save(self, *args, **kwargs):
        self.read_csl()
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("reference", args=[self.key])

    @property
    def shown(self) -> dict:
        """The publication as a page shows it."""
        return shown(self.csl)

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude)
        if not exclude or "csl" not in exclude:
            self.read_csl()

    def read_csl(self):
        """Fill the searchable columns from `csl`.

        Raises ValidationError for a malformed title, DOI, PMID, PMCID or URL.
        """
        if not isinstance(self.csl, dict) or not str(self.csl.get("title", "")).strip():
            raise ValidationError({"csl": "The CSL-JSON object needs a title."})
        self.csl = {**self.csl, "id": self.key}
        try:
            self.doi = normalise_doi(self.csl.get("DOI"))
            self.pmid = normalise_pmid(self.csl.get("PMID"))
            self.pmcid = normalise_pmcid(self.csl.get("PMCID"))
        except ValidationError as error:
            raise ValidationError({"csl": error.messages}) from error
        try:
            urlsplit(str(self.csl.get("URL", "")))
        except ValueError as error:
            raise ValidationError({"csl": "The URL is no address of the web."}) from error
        self.title = self.csl["title"]
        self.authors = csl.authors(self.csl)
        self.container = self.csl.get("container-title", "")
        self.year = csl.year(self.csl)
        self.fingerprint = fingerprint(self.csl)


class Typeset(models.Model):
    """A publication as a style of citation prints it, by the digest of its CSL-JSON.

    Derived, and made anew at will: see `references.typesetting`.
    """

    digest = models.CharField(max_length=64)
    style = models.CharField(max_length=20)
    html = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "style"], name="typeset_once"),
        ]

    def __str__(self):
        return f"{self.style} {self.digest[:8]}"


class Partner(models.Model):
    """A content network or site that works with the portal."""

    class Kind(models.TextChoices):
        NETWORK = "network", "Content network"
        SITE = "site", "Site"

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SITE)
    url = models.URLField("address")
    description = models.TextField(blank=True)
    contact = models.EmailField(blank=True, help_text="Never shown to readers.")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

"""Publications and partners."""

import datetime
from urllib.parse import urlsplit

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject, Lower, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from references import csl, shapes
from references.access.models import ApiKey, RequestWindow, Usage  # noqa: F401
from references.fingerprints import fingerprint
from references.identifiers import normalise_doi, normalise_pmcid, normalise_pmid, validate_key
from references.notices.kinds import NoticeKind, NoticeSource
from references.shown import DOI, PUBMED, shown


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
    def listed(self):
        """Return publications without those that were merged into others."""
        return self.filter(merged_into=None)

    def by_author(self):
        """Return publications by first author, those that name none by their title among them."""
        listed = Lower(Coalesce(NullIf("authors", Value("")), "title"))
        return self.alias(listed=listed).order_by("listed", "year", "key")

    def with_notices(self):
        """Return publications, each with its `history` and other keys, without a query more."""
        told = JSONObject(**{name: name for name in Notice.TOLD})
        of_all = Q(reference=OuterRef("pk")) | Q(reference__merged_into=OuterRef("pk"))
        rows = Notice.objects.filter(of_all).values(told=told)
        others = Reference.objects.filter(merged_into=OuterRef("pk")).order_by("key")
        return self.annotate(
            told_notices=ArraySubquery(rows), other_keys=ArraySubquery(others.values("key"))
        ).select_related("merged_into")


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

    # The same publication under another key, which is the one to cite. This key works for ever.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged"
    )

    # What follows from its notices: see `references.notices.standing`.
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
            # The numbers are looked up among those that were merged, too.
            models.Index(fields=["doi"], name="reference_by_doi"),
            models.Index(fields=["pmid"], name="reference_by_pmid"),
            models.Index(fields=["pmcid"], name="reference_by_pmcid"),
            models.Index(fields=["fingerprint"], name="reference_by_fingerprint"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["doi"],
                condition=Q(merged_into=None),
                name="reference_doi_unique",
                violation_error_message="A reference with this DOI exists already.",
            ),
            models.UniqueConstraint(
                fields=["pmid"],
                condition=Q(merged_into=None),
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
                condition=~Q(merged_into=F("pk")), name="reference_not_merged_into_itself"
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

    @property
    def kept(self) -> "Reference":
        """The publication to cite: this one, or the one that it was merged into."""
        return self.merged_into or self

    def same(self) -> models.QuerySet["Reference"]:
        """Return this publication under all its keys."""
        return Reference.objects.filter(Q(pk=self.pk) | Q(merged_into=self.pk))

    @property
    def history(self) -> list["Notice"]:
        """All notices about it, the newest first."""
        rows = getattr(self, "told_notices", None)
        if rows is None:
            found = Notice.objects.filter(reference__in=self.same())
        else:
            found = [Notice.of_row(row) for row in rows]
        return sorted(found, key=lambda each: (each.day, each.found_at), reverse=True)

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude)
        if not exclude or "csl" not in exclude:
            self.read_csl()

    def read_csl(self):
        """Fill the searchable columns from `csl`.

        Raises ValidationError for a malformed title, DOI, PMID, PMCID or URL, and for a name or
        date of another shape than CSL has.
        """
        if found := shapes.faults(self.csl):
            raise ValidationError({"csl": found})
        if not str(self.csl.get("title") or "").strip():
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
        self.container = self.csl.get("container-title") or ""
        self.year = csl.year(self.csl)
        self.fingerprint = fingerprint(self.csl)


class Notice(models.Model):
    """What a source tells of a publication: a retraction, a correction … It never changes.

    The database itself refuses to update or delete these rows. `address` is where the notice is, as
    far as neither DOI nor PMID say it.
    """

    TOLD = ("kind", "date", "doi", "pmid", "address", "words", "source", "found_at", "found_by")

    reference = models.ForeignKey(Reference, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=16, choices=NoticeKind)
    date = models.DateField("date of the notice", null=True)
    doi = models.CharField("DOI of the notice", max_length=250, blank=True)
    pmid = models.CharField("PMID of the notice", max_length=9, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    words = models.TextField(blank=True)
    source = models.CharField(max_length=16, choices=NoticeSource)
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=NoticeKind.values), name="reference_notice_kind"
            ),
            models.CheckConstraint(
                condition=Q(source__in=NoticeSource.values), name="reference_notice_source"
            ),
            models.CheckConstraint(condition=~Q(found_by=""), name="reference_notice_found_by"),
            # Editors may take a word back, and give it anew.
            models.UniqueConstraint(
                fields=["reference", "source", "kind", "date", "doi", "pmid"],
                condition=~Q(source="editor"),
                nulls_distinct=False,
                name="reference_notice_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.reference.key} ({self.get_source_display()})"

    @classmethod
    def of_row(cls, row: dict) -> "Notice":
        """Return a notice as the database wrote it into JSON."""
        day = row["date"] and datetime.date.fromisoformat(row["date"])
        moment = datetime.datetime.fromisoformat(row["found_at"])
        return cls(**row | {"date": day, "found_at": moment})

    @property
    def day(self) -> datetime.date:
        """By which it is listed."""
        return self.date or self.found_at.date()

    @property
    def url(self) -> str:
        """Where it can be read, "" if that is not known."""
        if self.doi:
            return f"{DOI}{self.doi}"
        if self.pmid:
            return f"{PUBMED}{self.pmid}/"
        return self.address if self.address.startswith(("http://", "https://")) else ""


class Distinct(models.Model):
    """Two publications that look alike, of which somebody said that they are two."""

    one = models.ForeignKey(Reference, models.CASCADE, related_name="+")
    other = models.ForeignKey(Reference, models.CASCADE, related_name="+")
    said_by = models.CharField(max_length=150)
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="distinct_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="distinct_in_order"),
        ]

    def __str__(self):
        return f"{self.one.key} and {self.other.key}"


class Typeset(models.Model):
    """A publication as a style of citation prints it, by the digest of its CSL-JSON.

    Derived, and made anew at will: see `references.typesetting`.
    """

    digest = models.CharField(max_length=64)
    style = models.CharField(max_length=20)
    html = models.TextField()
    # Of the publication: the database cannot make the digests that a page asks for.
    key = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "style"], name="typeset_once"),
        ]
        indexes = [models.Index(fields=["key", "style"], name="typeset_by_key")]

    def __str__(self):
        return f"{self.style} {self.digest[:8]}"


class RegistryAnswer(models.Model):
    """What a registry of publications answered, kept for a day: see `references.registries`."""

    # Of the address, which may be longer than an index can hold.
    digest = models.CharField(max_length=64, primary_key=True)
    url = models.TextField("address")
    body = models.BinaryField()
    read_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.url[:80]


class Partner(models.Model):
    """A content network or site that works with the portal.

    Its logo lies in the portal's store of pictures, under its sha256.
    """

    class Kind(models.TextChoices):
        NETWORK = "network", _("Content network")
        SITE = "site", pgettext_lazy("partner", "Site")

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SITE)
    url = models.URLField("address")
    description = models.TextField(blank=True)
    contact = models.EmailField(blank=True, help_text="Never shown to readers.")
    logo_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    logo_format = models.CharField(max_length=4, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_alt = models.CharField(
        "alternative text of the logo", max_length=200, blank=True,
        help_text="What the logo shows, for who cannot see it: mostly the name that is written "
        "in it.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(logo_sha256="") | Q(logo_sha256__regex=r"^[0-9a-f]{64}$"),
                name="partner_logo_sha256_form",
            ),
            models.CheckConstraint(
                condition=Q(logo_sha256="")
                | (Q(logo_width__gt=0) & Q(logo_height__gt=0) & ~Q(logo_format="")),
                name="partner_logo_size",
            ),
            models.CheckConstraint(
                condition=Q(logo_sha256="") | ~Q(logo_alt=""),
                name="partner_logo_has_alt",
                violation_error_message="A logo needs an alternative text.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("partner", args=[self.slug])

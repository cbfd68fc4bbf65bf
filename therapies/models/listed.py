"""The published indications grid, derived from the current editions of the conditions."""

from typing import ClassVar

from django.db import models

from references.models import Reference
from therapies.choices import Confidence, EvidenceGrade, Population, Scheme, TransplantOption
from therapies.models.tables import Indication
from topics import documents
from topics.choices import Certainty
from topics.models import Edition, Listing


class ListedIndication(models.Model):
    """One published cell. Its fields are those of `Indication`."""

    COPIED: ClassVar[tuple[str, ...]] = (
        *Indication.KEY, "category", "evidence", "source", "confidence", "note", "certainty",
        "awaiting_check",
    )  # fmt: skip

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="indications")
    position = models.PositiveSmallIntegerField()
    scheme = models.CharField(max_length=12, choices=Scheme)
    edition = models.CharField(max_length=20)
    population = models.CharField(max_length=10, choices=Population)
    disease = models.CharField(max_length=200)
    status = models.CharField(max_length=300, blank=True)
    option = models.CharField(max_length=4, choices=TransplantOption)
    category = models.CharField(max_length=8, blank=True)
    evidence = models.CharField(max_length=3, choices=EvidenceGrade, blank=True)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=6, choices=Confidence)
    note = models.TextField(blank=True)
    certainty = models.CharField(max_length=10, choices=Certainty)
    awaiting_check = models.BooleanField(default=False)
    references = models.ManyToManyField(Reference, related_name="listed_indications")

    class Meta:
        ordering = ["listing", "position"]
        indexes = [
            models.Index(fields=["scheme", "edition", "category"], name="listed_indication_cell")
        ]

    def __str__(self):
        return f"{self.disease}, {self.status}: {self.get_option_display()}"

    @classmethod
    def refresh(cls, listing: Listing, document: dict) -> None:
        """Replace the cells of a condition by those of its published Document."""
        cls.objects.filter(listing=listing).delete()
        data = document.get("tables", {}).get("indications", [])
        rows = cls.objects.bulk_create(cls._from_row(listing, n, row) for n, row in enumerate(data))
        ids = dict(Reference.objects.values_list("key", "pk"))
        link = cls.references.through
        link.objects.bulk_create(
            link(listedindication_id=row.pk, reference_id=ids[key])
            for row, source in zip(rows, data, strict=True)
            for key in source.get("references", [])
        )

    @classmethod
    def of_then(cls, edition: Edition) -> list["ListedIndication"]:
        """Return the cells of an edition of the past, unsaved, with condition and references."""
        document = documents.read(edition.revision.document)
        data = document.get("tables", {}).get("indications", [])
        rows = [cls._from_row(None, n, row) for n, row in enumerate(data)]
        names = ("key", "title", "year", "status")
        keys = {key for row in data for key in row.get("references", [])}
        known = Reference.objects.filter(key__in=keys).values(*names)
        by_key = {each["key"]: each for each in known}
        for row, source in zip(rows, data, strict=True):
            row.slug, row.title = document["slug"], document["title"]
            row.edition_number = edition.number
            row.cited = [by_key[key] for key in sorted(source.get("references", []))]
        return rows

    @classmethod
    def _from_row(cls, listing: Listing | None, position: int, row: dict) -> "ListedIndication":
        defaults = {
            "confidence": Confidence.HIGH, "certainty": Certainty.UNGRADED, "awaiting_check": False,
        }  # fmt: skip
        values = {name: row.get(name, defaults.get(name, "")) for name in cls.COPIED}
        return cls(listing=listing, position=position, **values)

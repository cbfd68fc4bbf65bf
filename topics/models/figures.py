"""The figures of a topic, and which pictures readers may see."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from topics import figures
from topics.choices import License, PictureFormat
from topics.models.history import Edition
from topics.models.rows import Row, choice_check
from topics.models.topic import Topic
from topics.statements import FIGURE_KEY_PATTERN

validate_key = RegexValidator(
    rf"^{FIGURE_KEY_PATTERN}\Z",
    "A name has lower-case letters, digits and hyphens, and begins with a letter.",
)
PERMISSION_NEEDED = "Say who permitted the use of the figure, when, and for what."


class Figure(Row):
    """A picture in a topic, with what a reader must know of it.

    The picture itself lies in the portal's store under its sha256, so that Documents, revisions
    and editions name it by what it shows and not by where it is.
    """

    DOCUMENT_FIELDS = (
        "key", "sha256", "format", "width", "height", "alt", "caption", "credit", "license",
        "permission",
    )  # fmt: skip
    KEY = ("key",)
    NAMED_BY = "key"

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="figures")
    key = models.CharField(
        "name in the text", max_length=40, validators=[validate_key],
        help_text="Write ![](figure:name) on a line of its own to place it there.",
    )  # fmt: skip
    sha256 = models.CharField("picture (sha256)", max_length=64)
    format = models.CharField(max_length=4, choices=PictureFormat)
    width = models.PositiveSmallIntegerField("width in pixels")
    height = models.PositiveSmallIntegerField("height in pixels")
    alt = models.CharField(
        "alternative text", max_length=500,
        help_text="What the picture shows, for who cannot see it.",
    )  # fmt: skip
    caption = models.TextField(blank=True, help_text="Shown below the picture.")
    credit = models.CharField(
        max_length=300, help_text="Who made it, and where it was published first."
    )
    license = models.CharField(max_length=16, choices=License)
    permission = models.CharField(
        "note on the permission", max_length=300, blank=True,
        help_text="Needed for “with permission”: who permitted it, when, and for what.",
    )  # fmt: skip

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "key"],
                name="figure_once_per_topic",
                violation_error_message="Another figure of this topic has that name.",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=rf"^{FIGURE_KEY_PATTERN}$"), name="figure_key_form"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="figure_sha256_form"
            ),
            models.CheckConstraint(
                condition=Q(width__range=(1, figures.MAX_SIDE))
                & Q(height__range=(1, figures.MAX_SIDE)),
                name="figure_size",
            ),
            models.CheckConstraint(
                condition=~Q(alt=""),
                name="figure_has_alt",
                violation_error_message="A figure needs an alternative text.",
            ),
            models.CheckConstraint(
                condition=~Q(credit=""),
                name="figure_has_credit",
                violation_error_message="A figure needs a credit.",
            ),
            models.CheckConstraint(
                condition=~Q(license=License.PERMISSION) | ~Q(permission=""),
                name="figure_permission_has_note",
                violation_error_message=PERMISSION_NEEDED,
            ),
            choice_check("figure", "format", PictureFormat),
            choice_check("figure", "license", License),
        ]

    def __str__(self):
        return self.key

    def clean(self):
        super().clean()
        if self.license == License.PERMISSION and not self.permission.strip():
            raise ValidationError({"permission": PERMISSION_NEEDED})

    @classmethod
    def _from_document(cls, owner, position, data, linked):
        row = super()._from_document(owner, position, data, linked)
        if not figures.is_kept(row.sha256, row.format):
            raise ValidationError(
                f"The picture of the figure “{row.key}” is not in the store of this portal. "
                "Bring its file along, or upload it again."
            )
        return row


class PublishedFigure(models.Model):
    """That an edition shows a picture: from then on whoever knows its address may see the file."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="figures")
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=4, choices=PictureFormat)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "sha256"], name="published_figure_once"),
        ]
        indexes = [models.Index(fields=["sha256"], name="published_figure_by_sha256")]

    def __str__(self):
        return f"{self.edition} shows {self.sha256[:12]}"

    @classmethod
    def write(cls, editions: list[Edition], built: list[dict]) -> None:
        """Let readers see the pictures of editions that were just made of these Documents."""
        cls.objects.bulk_create(
            cls(edition=edition, sha256=sha256, format=kind)
            for edition, document in zip(editions, built, strict=True)
            for sha256, kind in sorted(
                {(figure["sha256"], figure["format"]) for figure in document.get("figures", [])}
            )
        )

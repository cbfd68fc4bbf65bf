"""What never changes: revisions, reviews, editions and the log of events.

The database itself refuses to update or delete these rows, whoever asks and however, and it
checks what an edition claims (the migration protect_history). Names of people are copied in as
text, so that history stays readable whatever becomes of an account.
"""

import json

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value

from references.models import Reference
from topics.choices import EventKind, Verdict
from topics.models.rows import choice_check
from topics.models.topic import Topic


class SHA256(Func):
    """The sha256 of a text column's UTF-8 bytes, in hexadecimal, as PostgreSQL computes it."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = models.CharField()


def person(null: bool = False, **options) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=null, **options
    )


class Revision(models.Model):
    """One saved state of a topic: its whole Document, word for word."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField("document as canonical JSON")
    digest = models.CharField("sha256 of the text", max_length=64)
    author = person()
    author_name = models.CharField(max_length=150)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["topic", "number"]
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="revision_number_unique"),
            models.CheckConstraint(
                condition=Q(digest=SHA256(F("text"))), name="revision_digest_fits_text"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_number_from_1"),
        ]
        indexes = [models.Index(fields=["topic", "digest"], name="revision_by_digest")]

    def __str__(self):
        return f"{self.topic} — revision {self.number}"

    @property
    def document(self) -> dict:
        """The Document as it was saved; `documents.read` brings it to the present schema."""
        return json.loads(self.text)


class Review(models.Model):
    """A clinician's verdict on one revision, and so on one digest."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="reviews")
    reviewer = person()
    reviewer_name = models.CharField(max_length=150)
    verdict = models.CharField(max_length=16, choices=Verdict)
    comment = models.TextField(blank=True)
    interests = models.TextField("declared interests", help_text="Write “none” if there are none.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            choice_check("review", "verdict", Verdict),
            models.CheckConstraint(condition=~Q(interests=""), name="review_declares_interests"),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.APPROVE) | ~Q(comment=""),
                name="review_says_what_to_change",
            ),
        ]

    def __str__(self):
        return f"{self.get_verdict_display()} by {self.reviewer_name}"


class Edition(models.Model):
    """An immutable, numbered publication of a revision, chained to the edition before it."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="editions")
    digest = models.CharField("digest of the document", max_length=64)
    review = models.ForeignKey(Review, models.PROTECT, related_name="editions", null=True)
    approved_by = person(null=True)
    approved_by_name = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)
    interests = models.TextField("declared interests of the reviewer", blank=True)
    writers = ArrayField(
        models.BigIntegerField(), verbose_name="who wrote what was not reviewed before"
    )
    published_by = person()
    published_by_name = models.CharField(max_length=150)
    published_at = models.DateTimeField()
    change_note = models.TextField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    references = models.ManyToManyField(Reference, through="Citation", related_name="editions")

    class Meta:
        ordering = ["topic", "number"]
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="edition_number_unique"),
            models.UniqueConstraint(fields=["hash"], name="edition_hash_unique"),
            models.UniqueConstraint(
                fields=["topic", "previous_hash"], name="edition_chain_has_no_fork"
            ),
            models.CheckConstraint(condition=~Q(change_note=""), name="edition_has_change_note"),
            models.CheckConstraint(
                condition=Q(hash__regex="^[0-9a-f]{64}$"), name="edition_hash_form"
            ),
            models.CheckConstraint(
                condition=Q(
                    review__isnull=True,
                    approved_by__isnull=True,
                    approved_by_name="",
                    approved_at__isnull=True,
                    interests="",
                )
                | Q(review__isnull=False, approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by_name="")
                & ~Q(interests=""),
                name="edition_reviewed_or_not",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | ~Q(writers__contains=Func(F("approved_by"), template="ARRAY[%(expressions)s]")),
                name="edition_four_eyes",
            ),
        ]

    def __str__(self):
        return f"{self.topic} — edition {self.number}"

    @property
    def is_reviewed(self) -> bool:
        return self.review_id is not None


class Citation(models.Model):
    """That an edition cites a reference. It keeps the reference from being deleted."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="citations")
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="citations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "reference"], name="citation_once")
        ]

    def __str__(self):
        return f"{self.edition} cites {self.reference.key}"


class PublishedSlug(models.Model):
    """An address at which a topic was ever published. It belongs to that topic for good."""

    slug = models.SlugField(max_length=80, primary_key=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="published_slugs")

    def __str__(self):
        return self.slug


class Event(models.Model):
    """One line of the log. The ids are handed out in the order of the commits."""

    kind = models.CharField(max_length=16, choices=EventKind)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="events", null=True)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", null=True)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="events", null=True)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="events", null=True)
    # None where a registry told of it, which `actor_name` names then, and where the database itself
    # noted it (see topics/migrations/_reference_records.py).
    actor = person(null=True)
    actor_name = models.CharField(max_length=150)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            choice_check("event", "kind", EventKind),
            models.CheckConstraint(
                condition=Q(actor__isnull=False)
                | Q(kind__in=[EventKind.REFERENCE_STATUS, EventKind.REFERENCE_RECORD]),
                name="event_has_actor",
            ),
            models.UniqueConstraint(
                fields=["edition"],
                condition=Q(kind=EventKind.WITHDRAWN),
                name="event_withdrawn_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EventKind.WITHDRAWN)
                | Q(edition__isnull=False) & ~Q(note=Value("")),
                name="event_withdrawal_has_edition_and_reason",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} by {self.actor_name}"

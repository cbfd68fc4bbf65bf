"""Where partners want to be told of events, and what is still to be said there."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from references.models import Partner
from topics.models.following import Outgoing
from topics.models.history import Event


class Webhook(models.Model):
    """That a partner wants to be told of events at an address.

    Deliveries were made of all events up to `seen`, by id. While the secret is rotated both sign.
    It works until `disabled_at`; `told_at` is when the partner was told of that by mail. Before
    `quiet_until` nothing is sent: the server there asked for rest, or a message is on its way.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="webhooks")
    url = models.URLField("address", max_length=500, help_text="It begins with https://.")
    description = models.CharField(max_length=200, blank=True)
    types = ArrayField(
        models.CharField(max_length=40), default=list, blank=True,
        verbose_name="types of events", help_text="None: all.",
    )  # fmt: skip
    # Who signs needs them as they are.
    secret = models.CharField(max_length=100, editable=False)
    old_secret = models.CharField(max_length=100, editable=False, blank=True)
    old_until = models.DateTimeField("old secret signs until", null=True, editable=False)
    seen = models.BigIntegerField(editable=False)
    created_at = models.DateTimeField("made", auto_now_add=True)
    quiet_until = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField("disabled", null=True, editable=False)
    disabled_why = models.CharField("why", max_length=200, blank=True, editable=False)
    told_at = models.DateTimeField("partner told", null=True, editable=False)

    class Meta:
        ordering = ["partner__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://"),
                name="webhook_url_is_https",
                violation_error_message="The address must begin with https://.",
            ),
            models.CheckConstraint(
                condition=Q(secret__regex=r"^whsec_[A-Za-z0-9+/]{32,88}=*$"),
                name="webhook_secret_form",
            ),
            models.CheckConstraint(
                condition=Q(old_secret="", old_until__isnull=True)
                | ~Q(old_secret="") & Q(old_until__isnull=False),
                name="webhook_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_why="", told_at__isnull=True)
                | Q(disabled_at__isnull=False) & ~Q(disabled_why=""),
                name="webhook_disabled_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.partner}: {self.url}"

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    @property
    def old_secret_until(self) -> datetime | None:
        """Until when the secret before signs as well, None if it does not."""
        is_over = self.old_until is None or self.old_until <= timezone.now()
        return None if is_over else self.old_until

    @property
    def secrets(self) -> list[str]:
        """Those that sign now, the newest first."""
        return [self.secret, *([self.old_secret] if self.old_secret_until else [])]


class Delivery(Outgoing):
    """One message to an address: an event, or without one, a test. It says the same in each try."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True)
    message = models.CharField("message id", max_length=40)
    type = models.CharField(max_length=40)
    body = models.TextField()
    status = models.PositiveSmallIntegerField("last answer", null=True)
    tried_at = models.DateTimeField("last try", null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event"],
                condition=Q(event__isnull=False),
                name="delivery_once",
            ),
            models.UniqueConstraint(fields=["message"], name="delivery_message_unique"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
                name="delivery_sent_is_not_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_waiting",
            ),
            models.Index(fields=["created_at"], name="delivery_by_time"),
        ]

    def __str__(self):
        return f"{self.type} {self.message}"

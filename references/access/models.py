"""Keys of partners, and what is counted of requests."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

DIGEST = "^[0-9a-f]{64}$"


class Scope(models.TextChoices):
    """What a key may do beside reading, which everybody may."""

    READ = "read", "Read with higher limits"
    WEBHOOKS = "webhooks", "Manage webhooks"
    USAGE = "usage", "See how much was asked"
    KEYS = "keys", "Manage the partner’s keys"


class ApiKey(models.Model):
    """A key of a partner. Of its secret only the sha256 is kept: 256 random bits need no salt.

    While it is rotated, the secret before works until `old_until`.
    """

    partner = models.ForeignKey("references.Partner", models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100, help_text="What it is for, as “replica in Leiden”.")
    prefix = models.CharField(max_length=8, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    old_digest = models.CharField(max_length=64, editable=False, blank=True)
    old_until = models.DateTimeField("old secret works until", null=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    per_minute = models.PositiveIntegerField(
        "requests a minute", null=True, blank=True,
        help_text="Empty: as many as usual for keys.",
    )  # fmt: skip
    created_at = models.DateTimeField("made", auto_now_add=True)
    expires_at = models.DateTimeField("expires", null=True, blank=True)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)
    last_used_on = models.DateField("last used", null=True, editable=False)

    class Meta:
        ordering = ["partner__name", "pk"]
        verbose_name = "API key"
        constraints = [
            models.UniqueConstraint(fields=["prefix"], name="api_key_prefix_unique"),
            models.CheckConstraint(
                condition=Q(prefix__regex="^[a-z0-9]{8}$"), name="api_key_prefix_form"
            ),
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="api_key_digest_form"),
            models.CheckConstraint(
                condition=Q(old_digest="", old_until__isnull=True)
                | Q(old_digest__regex=DIGEST, old_until__isnull=False),
                name="api_key_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values), name="api_key_scopes"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="api_key_has_name"),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gte=1),
                name="api_key_per_minute",
            ),
        ]

    def __str__(self):
        return f"{self.name} (hscp_{self.prefix}_…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def works(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def old_secret_until(self) -> datetime | None:
        """Until when the secret before works, None if it does not."""
        is_over = self.old_until is None or self.old_until <= timezone.now()
        return None if is_over else self.old_until


class RequestWindow(models.Model):
    """How many requests somebody made since a moment, for the limits: see `limits`.

    `who` is a hash. The table is not logged by the database: after a crash counting begins anew.
    """

    who = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField()
    number = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.number} since {self.begun_at}"


class Usage(models.Model):
    """How many requests a partner made to an endpoint on a day; without partner, all without key.

    `endpoint` is the name of a route, so nothing of what was asked for is in it.
    """

    partner = models.ForeignKey(
        "references.Partner", models.CASCADE, related_name="usage", null=True
    )
    endpoint = models.CharField(max_length=80)
    day = models.DateField()
    number = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["-day", "endpoint"]
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "endpoint", "day"], nulls_distinct=False, name="usage_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["day"], name="usage_by_day")]

    def __str__(self):
        return f"{self.partner or 'no key'}, {self.endpoint}, {self.day}: {self.number}"

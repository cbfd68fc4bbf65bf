"""Who follows what by mail, and what they are still to be told.

An address is kept for this alone, and goes when its owner follows nothing any more. It stands in
no other table, log or event, and in no address of a page.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from topics.choices import Area, Frequency
from topics.models.history import Event
from topics.models.rows import choice_check
from topics.models.topic import Topic


class Follower(models.Model):
    """An address that follows something, or was asked whether it wants to.

    `key` stands for it in the links of its mails. It is no serial number: those of an older
    backup would be given to others once more.
    """

    # In lower case: mailboxes that differ only in case belong to one person.
    email = models.EmailField("address")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="follower_email_unique"),
            models.UniqueConstraint(fields=["key"], name="follower_key_unique"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="follower_email_lower"),
        ]

    def __str__(self):
        # It stands in the admin's own log.
        return f"Follower {self.pk}"

    @property
    def language(self) -> str:
        """That of mails about what was confirmed: the one in which its owner did so last."""
        confirmed = self.subscriptions.filter(confirmed_at__isnull=False)
        found = confirmed.order_by("-confirmed_at", "-pk").values_list("language", flat=True)
        return found.first() or settings.LANGUAGE_CODE


class Subscription(models.Model):
    """That a follower wants to hear of a topic, an area, or, if neither is named, everything.

    It counts once it is confirmed. `language` is that of the page on which it was asked for. The
    mail that asks to confirm speaks it; see `Follower.language` for others. Until it is confirmed
    it is as the last such mail says, and each link confirms what its own mail said. A stranger who
    types the address thus changes nothing of what its owner gets.
    """

    follower = models.ForeignKey(Follower, models.CASCADE, related_name="subscriptions")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+", null=True)
    area = models.CharField(max_length=20, choices=Area, blank=True)
    frequency = models.CharField(max_length=8, choices=Frequency, default=Frequency.AT_ONCE)
    language = models.CharField(
        max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    asked_at = models.DateTimeField("asked")
    confirmed_at = models.DateTimeField("confirmed", null=True)

    class Meta:
        ordering = ["pk"]
        permissions = [("see_addresses", "Can see the addresses of followers")]
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "topic", "area"],
                nulls_distinct=False,
                name="subscription_once",
            ),
            models.CheckConstraint(
                condition=Q(topic__isnull=True) | Q(area=""), name="subscription_one_subject"
            ),
            choice_check("subscription", "area", Area, blank=True),
            choice_check("subscription", "frequency", Frequency),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _ in settings.LANGUAGES]),
                name="subscription_language",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(confirmed_at__isnull=True),
                name="subscription_unconfirmed",
            )
        ]

    def __str__(self):
        return f"Subscription {self.pk}"


class Outgoing(models.Model):
    """An email on its way.

    It is sent (`sent_at`), to be sent or tried again at `due_at`, or neither: then it was given up
    after too many tries. `fault` is why the last try failed, without the address. That it was sent
    is remembered, so that no task that is run again sends it twice.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField("next try", null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField("why it failed", max_length=200, blank=True)
    sent_at = models.DateTimeField("sent", null=True)

    class Meta:
        abstract = True


class Notice(Outgoing):
    """One thing that a follower is to be told by mail: an event, or without one, how to confirm."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "email to a follower"
        verbose_name_plural = "emails to followers"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event"], nulls_distinct=False, name="notice_once"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
                name="notice_sent_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due")
        ]

    def __str__(self):
        return f"Mail {self.pk}"

"""What is watched of published topics: how often they are opened, and whether what they link to is
there. Nothing of it is part of a Document.
"""

from django.db import models
from django.db.models import Q

from topics.choices import LinkState
from topics.models.rows import choice_check
from topics.models.topic import Topic


class Opening(models.Model):
    """How often the page of a topic was opened on a day, by nobody in particular."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="openings")
    day = models.DateField()
    times = models.PositiveIntegerField()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["topic", "day"], name="opening_once_a_day")]

    def __str__(self):
        return f"{self.topic}, {self.day}: {self.times}"


class LinkCheck(models.Model):
    """An address outside the portal that published topics link to, and what it answered last.

    `failures` counts the checks that failed, one after the other.
    """

    url = models.CharField("address", max_length=1000)
    topics = models.ManyToManyField(Topic, related_name="+", editable=False)
    state = models.CharField(max_length=9, choices=LinkState, default=LinkState.UNCHECKED)
    answer = models.CharField(max_length=200, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField("last asked", null=True)
    broken_since = models.DateTimeField(null=True)

    class Meta:
        ordering = ["url"]
        verbose_name, verbose_name_plural = "external link", "external links"
        constraints = [
            models.UniqueConstraint(fields=["url"], name="link_check_url_unique"),
            choice_check("link_check", "state", LinkState),
            models.CheckConstraint(
                condition=Q(state=LinkState.UNCHECKED) ^ Q(checked_at__isnull=False),
                name="link_check_unchecked_or_when",
            ),
            models.CheckConstraint(
                condition=Q(state=LinkState.BROKEN, broken_since__isnull=False)
                | ~Q(state=LinkState.BROKEN) & Q(broken_since__isnull=True),
                name="link_check_broken_since_when",
            ),
        ]
        indexes = [models.Index(fields=["checked_at"], name="link_check_by_time")]

    def __str__(self):
        return self.url

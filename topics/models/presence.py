"""Who has the form of a topic open: told every half minute, and forgotten within minutes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from topics.models.topic import Topic


class Presence(models.Model):
    """Somebody who has the form of a topic open. No part of the history, and of no Document."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField()
    seen = models.DateTimeField()

    class Meta:
        verbose_name_plural = "presences"
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["seen"], name="presence_by_seen")]
        constraints = [
            models.UniqueConstraint(fields=["topic", "user"], name="presence_once"),
            models.CheckConstraint(condition=Q(seen__gte=F("since")), name="presence_in_order"),
        ]

    def __str__(self):
        return f"{self.user} at {self.topic}"

"""What readers report as wrong, and what is kept for a day of who sends something: a hash."""

from django.db import models
from django.db.models import Q

from topics.choices import ReportStatus
from topics.models.history import Edition
from topics.models.rows import choice_check
from topics.models.topic import Topic


class ErrorReport(models.Model):
    """What a reader found wrong, for the editors. Readers never see it.

    `edition` and `anchor` say what the reader was looking at, or `place` in the reader's own words
    where no topic is meant. `form` is the form that it was sent with, so that a report sent twice
    is one report. The address to answer to is deleted when the report is closed.
    """

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="error_reports", null=True)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", null=True)
    anchor = models.CharField("statement", max_length=64, blank=True)
    place = models.CharField(max_length=300, blank=True)
    message = models.TextField("what is wrong")
    email = models.EmailField("address to answer to", blank=True)
    form = models.UUIDField(unique=True, editable=False)
    sent_at = models.DateTimeField("sent")

    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.OPEN)
    answer = models.TextField("what was done", blank=True)
    closed_at = models.DateTimeField("closed", null=True)
    closed_by_name = models.CharField("closed by", max_length=150, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            choice_check("error_report", "status", ReportStatus),
            models.CheckConstraint(condition=~Q(message=""), name="error_report_has_message"),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.OPEN, closed_at__isnull=True, closed_by_name="")
                | ~Q(status=ReportStatus.OPEN) & Q(closed_at__isnull=False) & ~Q(closed_by_name=""),
                name="error_report_open_or_closed",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.OPEN) | Q(email=""),
                name="error_report_closed_has_no_address",
            ),
        ]
        indexes = [models.Index(fields=["status", "-sent_at"], name="error_report_by_status")]

    def __str__(self):
        # It stands in the admin's own log, so nothing that the reader wrote is in it.
        return f"Report {self.pk}"


class ReportSender(models.Model):
    """One try of somebody to send something, under a salted hash of the address it came from.

    `topics.throttle` counts them, and deletes them after a day.
    """

    address_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address_hash", "sent_at"], name="report_sender_lately")]

    def __str__(self):
        return f"{self.sent_at:%Y-%m-%d %H:%M}"

"""The desk: who is asked to do what, what is said about a draft, and what is to happen when.

Nothing of it is part of a Document. It can be changed, unlike history; what was said and done
stays all the same.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from topics.choices import ScheduleState, TaskKind
from topics.models.following import Outgoing
from topics.models.history import Edition, Event, Revision, person
from topics.models.rows import choice_check
from topics.models.topic import Topic

DIGEST = "^[0-9a-f]{64}$"
LONGEST_LINK = timedelta(days=30)


class Assignment(models.Model):
    """That somebody is asked to do something with a topic; done once they or others did it."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="assignments")
    task = models.CharField(max_length=8, choices=TaskKind)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments"
    )
    assigned_by = person()
    assigned_by_name = models.CharField("assigned by", max_length=150)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField("since", auto_now_add=True)
    done_at = models.DateTimeField("done", null=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            choice_check("assignment", "task", TaskKind),
            models.UniqueConstraint(
                fields=["topic", "task", "assignee"],
                condition=Q(done_at__isnull=True),
                name="assignment_open_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_task_display()}: {self.topic}"


class Comment(models.Model):
    """A remark on a revision, or on one of its statements; a reply has the remark as `parent`.

    `quote` has the words of the statement as they were, since the draft goes on. Remarks stay
    for good: the database refuses to delete a revision that they are about.
    """

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="comments")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="comments")
    parent = models.ForeignKey("self", models.PROTECT, related_name="replies", null=True)
    anchor = models.CharField("statement", max_length=80, blank=True)
    quote = models.TextField("its words", blank=True)
    text = models.TextField("remark")
    author = person()
    author_name = models.CharField("by", max_length=150)
    created_at = models.DateTimeField("when", auto_now_add=True)
    resolved_at = models.DateTimeField("resolved", null=True)
    resolved_by_name = models.CharField("resolved by", max_length=150, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_has_text"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by_name="")
                | Q(resolved_at__isnull=False) & ~Q(resolved_by_name=""),
                name="comment_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(anchor="", resolved_at__isnull=True),
                name="comment_reply_belongs_to_its_remark",
            ),
        ]

    def __str__(self):
        return f"{self.author_name} on {self.topic}"


class Schedule(models.Model):
    """That a text is to be published at a time: just this one, whatever becomes of the draft."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="schedules")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    digest = models.CharField("digest of the text", max_length=64)
    change_note = models.TextField()
    due_at = models.DateTimeField("to be published")
    scheduled_by = person()
    scheduled_by_name = models.CharField("scheduled by", max_length=150)
    created_at = models.DateTimeField("scheduled", auto_now_add=True)
    state = models.CharField(max_length=9, choices=ScheduleState, default=ScheduleState.WAITING)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", null=True)
    error = models.TextField("why not", blank=True)
    finished_at = models.DateTimeField("published, failed or cancelled", null=True)

    class Meta:
        ordering = ["-due_at", "-pk"]
        verbose_name = "scheduled publication"
        constraints = [
            choice_check("schedule", "state", ScheduleState),
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(state=ScheduleState.WAITING),
                name="schedule_waiting_once",
            ),
            models.CheckConstraint(condition=~Q(change_note=""), name="schedule_has_change_note"),
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="schedule_digest_form"),
            models.CheckConstraint(
                condition=Q(state=ScheduleState.PUBLISHED, edition__isnull=False)
                | ~Q(state=ScheduleState.PUBLISHED) & Q(edition__isnull=True),
                name="schedule_published_has_edition",
            ),
            models.CheckConstraint(
                condition=~Q(state=ScheduleState.FAILED) | ~Q(error=""),
                name="schedule_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state=ScheduleState.WAITING, finished_at__isnull=True)
                | ~Q(state=ScheduleState.WAITING) & Q(finished_at__isnull=False),
                name="schedule_finished_or_waiting",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state=ScheduleState.WAITING),
                name="schedule_waiting_by_time",
            )
        ]

    def __str__(self):
        return f"{self.topic}, {self.due_at:%Y-%m-%d %H:%M}"


class DraftLink(models.Model):
    """A link by which somebody without an account reads a draft for a while.

    Without a revision it shows the latest one. Its token is told once and kept nowhere: here is
    only its sha256.
    """

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="draft_links")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", null=True)
    recipient = models.CharField("for whom", max_length=150)
    token_hash = models.CharField(max_length=64, editable=False)
    made_by = person()
    made_by_name = models.CharField("made by", max_length=150)
    created_at = models.DateTimeField("made")
    expires_at = models.DateTimeField("works until")
    revoked_at = models.DateTimeField("revoked", null=True)
    revoked_by_name = models.CharField("revoked by", max_length=150, blank=True)
    opened = models.PositiveIntegerField("times opened", default=0)
    last_opened_at = models.DateTimeField("last opened", null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "link to a draft"
        verbose_name_plural = "links to drafts"
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="draft_link_token_unique"),
            models.CheckConstraint(
                condition=Q(token_hash__regex=DIGEST), name="draft_link_token_form"
            ),
            models.CheckConstraint(condition=~Q(recipient=""), name="draft_link_is_for_somebody"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + LONGEST_LINK),
                name="draft_link_expires",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by_name="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_by_name=""),
                name="draft_link_revoked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(opened=0, last_opened_at__isnull=True)
                | Q(opened__gt=0, last_opened_at__isnull=False),
                name="draft_link_opened_when",
            ),
        ]

    def __str__(self):
        return f"{self.topic}, for {self.recipient}"


class DeskMail(Outgoing):
    """An email to one of the editorial team about one thing."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", null=True)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="+", null=True)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="+", null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "email to the team"
        verbose_name_plural = "emails to the team"
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "event", "assignment", "schedule"],
                nulls_distinct=False,
                name="desk_mail_once",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=False, assignment__isnull=True, schedule__isnull=True)
                | Q(event__isnull=True, assignment__isnull=False, schedule__isnull=True)
                | Q(event__isnull=True, assignment__isnull=True, schedule__isnull=False),
                name="desk_mail_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(due_at__isnull=True),
                name="desk_mail_sent_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="desk_mail_due")
        ]

    def __str__(self):
        return f"Mail {self.pk}"


class MailPreference(models.Model):
    """Whether somebody of the team wants emails. Who never said so gets them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_preference"
    )
    wants_mails = models.BooleanField(default=True)

    def __str__(self):
        return f"{self.user}: {'emails' if self.wants_mails else 'no emails'}"

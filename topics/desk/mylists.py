"""Lists of one's own work: what awaits somebody's review, words, or publishing."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from topics import scheduling, telling
from topics.choices import EventKind, ScheduleState, TaskKind, Verdict
from topics.desk.worklist import Column, Worklist, day, progress
from topics.models import Edition, Event, Review, Revision, Schedule
from topics.standing import AWAITING, CHANGED, CHANGES_REQUESTED, REVIEWABLE


class AwaitingMe(Worklist):
    name = "my-reviews"
    title = "Awaiting my review"
    about = (
        "Submitted texts that you did not write, asked of you or of whoever is free. "
        "The longest waiting come first."
    )
    permission = "topics.review_topic"
    leads_to = "review"
    is_personal = True
    order = ("submitted_at", "pk")
    columns = (
        Column("Submitted", lambda topic: day(topic.submitted_at)),
        Column("Last saved by", lambda topic: topic.saved_by),
    )

    def condition(self, user):
        asked = telling.open_for(TaskKind.REVIEW).filter(topic=OuterRef("pk"))
        is_mine = Exists(asked.filter(assignee=user)) | ~Exists(asked)
        return AWAITING & Q(is_mine) & ~Q(_wrote(user))


class ChangesOfMe(Worklist):
    name = "my-changes"
    title = "Changes requested of me"
    about = "Texts that a reviewer wants changed, and that you own or are asked to change."
    permission = "topics.submit_topic"
    # There verdict, comment and remarks are.
    leads_to = "discussion"
    is_personal = True
    order = ("last_verdict_at", "pk")
    columns = (
        Column("Asked for", lambda topic: day(topic.last_verdict_at)),
        Column("Last saved", lambda topic: day(topic.saved_at)),
    )

    def condition(self, user):
        asked = telling.open_for(TaskKind.CHANGES).filter(topic=OuterRef("pk"))
        is_mine = Q(Exists(asked.filter(assignee=user))) | Q(owner=user.pk) & ~Q(Exists(asked))
        return CHANGES_REQUESTED & is_mine


class MyDrafts(Worklist):
    name = "my-drafts"
    title = "My drafts"
    about = "Texts that you wrote last, and that readers do not see as they are."
    done = "Readers see all that you wrote."
    permission = "topics.submit_topic"
    is_personal = True
    order = ("-saved_at", "pk")
    columns = (
        Column("Last saved", lambda topic: day(topic.saved_at)),
        Column("Readers see", progress),
    )

    def condition(self, user):
        return Q(owner=user.pk) & (Q(listing__isnull=True) | CHANGED)


class ToPublish(Worklist):
    name = "to-publish"
    title = "Approved, to be published"
    about = "Texts that a reviewer approved as they are, and for which no time is set."
    done = "Nothing that was approved waits."
    permission = "topics.publish_topic"
    leads_to = "publish"
    is_personal = True
    order = ("verdict_at", "pk")
    columns = (
        Column("Approved", lambda topic: day(topic.verdict_at)),
        Column("Last saved by", lambda topic: topic.saved_by),
        Column("Readers see", progress),
    )

    def condition(self, user):
        waiting = Schedule.objects.filter(topic=OuterRef("pk"), state=ScheduleState.WAITING)
        is_approved = Q(verdict=Verdict.APPROVE) & ~Q(_opposed())
        return REVIEWABLE & is_approved & ~Q(Exists(waiting))


class FailedSchedules(Worklist):
    name = "failed-schedules"
    title = "Scheduled publication failed"
    about = "Texts that were not published at the time that was set, and not since."
    done = "All that was scheduled was published."
    permission = "topics.submit_topic"
    is_personal = True
    columns = (
        Column("Was due", lambda topic: day(topic.was_due)),
        Column("Why not", lambda topic: topic.why_not),
    )

    def rows(self, user):
        failed = scheduling.failed().filter(topic=OuterRef("pk"))
        return super().rows(user).annotate(
            was_due=Subquery(failed.values("due_at")[:1]),
            why_not=Subquery(failed.values("error")[:1]),
        )  # fmt: skip

    def condition(self, user):
        failed = scheduling.failed().filter(topic=OuterRef("pk"))
        if not user.has_perm("topics.publish_topic"):
            failed = failed.filter(Q(revision__author=user) | Q(scheduled_by=user))
        return Q(Exists(failed))


def _wrote(user) -> Exists:
    """Return whether somebody wrote part of the latest text, as `editions.Past.writers` has it."""
    reviewed = Edition.objects.filter(topic=OuterRef("topic"), review__isnull=False)
    last = Subquery(reviewed.order_by("-number").values("revision__number")[:1])
    own = Revision.objects.filter(topic=OuterRef("pk"), author=user)
    return Exists(own.filter(Q(number__gt=Coalesce(last, 0)) | Q(digest=OuterRef("latest_digest"))))


def _opposed() -> Exists:
    """Return whether a reviewer still wants changes of the text that another one approved."""
    later = Review.objects.filter(
        revision__topic=OuterRef("revision__topic"), revision__digest=OuterRef("revision__digest"),
        reviewer=OuterRef("reviewer"), pk__gt=OuterRef("pk"),
    )  # fmt: skip
    withdrawn = Event.objects.filter(
        kind=EventKind.WITHDRAWN, topic=OuterRef("revision__topic"),
        created_at__gte=OuterRef("created_at"),
    )  # fmt: skip
    given = Review.objects.filter(
        ~Exists(later), ~Exists(withdrawn), verdict=Verdict.REQUEST_CHANGES,
        revision__topic=OuterRef("pk"), revision__digest=OuterRef("latest_digest"),
    )  # fmt: skip
    return Exists(given)

"""Publishing at a set time: one text, known by its digest, once.

When the time has come a task publishes it, by the same function as a person does, in the name of
who set the time. The topic is locked, the edition made and the schedule closed in one transaction.
So of two workers the second finds nothing to do, a worker that is killed leaves all as it was, and
a time that passed while none ran is made up for by the next.
"""

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_tasks import task

from topics import publishing, telling
from topics.choices import ScheduleState
from topics.errors import Invalid, NotApproved, NothingToDo, NotPermitted, PublishingError
from topics.models import Edition, Schedule, Topic

logger = logging.getLogger(__name__)

FARTHEST = timedelta(days=366)
# What passes with time.
OUTAGES = (OperationalError, InterfaceError)


@transaction.atomic
def schedule(topic: Topic, *, actor, change_note: str, due_at: datetime) -> Schedule:
    """Have the draft published at a time. It must be approved now, as for publishing it at once."""
    _require(actor)
    topic = Topic.objects.select_for_update().get(pk=topic.pk)
    now = timezone.now()
    if due_at <= now:
        raise Invalid("This time is over. Choose a later one, or publish at once.")
    if due_at > now + FARTHEST:
        raise Invalid("Choose a time within a year: a text approved so long ago is an old one.")
    if not change_note.strip():
        raise Invalid("Write a change note: readers will see it.")
    if waiting_of(topic):
        raise Invalid("A publication is scheduled already. Cancel it first.")
    _rehearse(topic, actor, change_note)
    revision = topic.revisions.defer("text").last()
    made = Schedule.objects.create(
        topic=topic, revision=revision, digest=revision.digest, change_note=change_note,
        due_at=due_at, scheduled_by=actor, scheduled_by_name=publishing.name_of(actor),
    )  # fmt: skip
    publish_due.using(run_after=due_at).enqueue()
    return made


class _TakenBack(Exception):
    """Ends a rehearsal."""


def _rehearse(topic: Topic, actor, change_note: str) -> None:
    """Refuse all that publishing would refuse now: publish, and take it back."""
    try:
        with transaction.atomic():
            publishing.publish(topic, publisher=actor, change_note=change_note)
            raise _TakenBack
    except _TakenBack:
        return


@transaction.atomic
def cancel(made: Schedule, *, actor) -> None:
    """Let a scheduled publication not take place."""
    _require(actor)
    found = _lock(made)
    if found is None:
        raise NothingToDo("It is no longer waiting: it was published, failed, or was cancelled.")
    _close(found, ScheduleState.CANCELLED, error=f"Cancelled by {publishing.name_of(actor)}.")


def waiting_of(topic: Topic) -> Schedule | None:
    return topic.schedules.filter(state=ScheduleState.WAITING).first()


def failed_last(topic: Topic) -> Schedule | None:
    """Return the last scheduled publication of a topic if it failed and nothing happened since."""
    return failed().filter(topic=topic).first()


def failed() -> QuerySet[Schedule]:
    """Return what failed, of topics with neither a later schedule nor a later edition."""
    later = Schedule.objects.filter(topic=OuterRef("topic"), pk__gt=OuterRef("pk"))
    published = Edition.objects.filter(
        topic=OuterRef("topic"), published_at__gt=OuterRef("finished_at")
    )
    found = Schedule.objects.filter(state=ScheduleState.FAILED)
    return found.exclude(Exists(later)).exclude(Exists(published))


def still_fits(waiting: Schedule) -> bool:
    """Return whether the latest text is still the one that is to be published."""
    latest = waiting.topic.revisions.defer("text").last()
    return latest is not None and latest.digest == waiting.digest


def is_due() -> bool:
    return _due().exists()


@task()
def publish_due() -> int:
    """Publish all whose time has come, and return how many were published."""
    published = 0
    for each in _due().order_by("due_at", "pk"):
        try:
            published += _publish(each)
        except OUTAGES:
            # Others that are due must not wait for this one; it stays due.
            logger.exception("Schedule %s is tried again", each.pk)
    return published


def _due():
    return Schedule.objects.filter(state=ScheduleState.WAITING, due_at__lte=timezone.now())


@transaction.atomic
def _publish(made: Schedule) -> bool:
    """Publish a text whose time has come, or write down why that cannot be done."""
    found = _lock(made)
    if found is None:
        return False
    try:
        with transaction.atomic():
            edition = _edition(found)
    except PublishingError as error:
        _fail(found, str(error))
        return False
    except OUTAGES:
        # The database may be well again in a moment: nothing is written, and it stays due.
        raise
    except Exception as error:
        logger.exception("Schedule %s could not be published", found.pk)
        _fail(found, f"Something unforeseen went wrong ({type(error).__name__}).")
        return False
    _close(found, ScheduleState.PUBLISHED, edition=edition)
    return True


def _edition(made: Schedule) -> Edition:
    if not still_fits(made):
        raise NotApproved(
            "The text was changed since the time was set. "
            "Have the new text reviewed, then publish it or set a time again."
        )
    return publishing.publish(made.topic, publisher=made.scheduled_by, change_note=made.change_note)


def _lock(made: Schedule) -> Schedule | None:
    """Lock a scheduled publication, None if it is no longer waiting.

    The topic is locked first, as by everybody who publishes, so that nobody waits in a circle.
    """
    Topic.objects.select_for_update().get(pk=made.topic_id)
    return (
        Schedule.objects.select_for_update(of=("self",))
        .select_related("topic", "scheduled_by", "revision")
        .filter(pk=made.pk, state=ScheduleState.WAITING)
        .first()
    )


def _fail(made: Schedule, why: str) -> None:
    _close(made, ScheduleState.FAILED, error=why)
    telling.tell_of_failure(made)


def _close(made: Schedule, state: str, **values) -> None:
    values = {"error": "", "edition": None} | values
    Schedule.objects.filter(pk=made.pk).update(state=state, finished_at=timezone.now(), **values)


def _require(actor) -> None:
    if not actor.has_perm("topics.publish_topic"):
        raise NotPermitted("You may not publish topics. Ask an administrator for the right.")

"""What follows from the steps of the desk: tasks that are done with them, and emails to the team.

A step calls `follow_up` in its own transaction. The emails are made and sent by tasks, as those to
followers are: that one is due is a row, unique for the person and what it tells of, and the time of
its next try is written down before it is tried.
"""

import logging
import time
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from hsc_portal.mail import can_be_sent
from topics import editions
from topics.choices import EventKind, ScheduleState, TaskKind, Verdict
from topics.desk import mails
from topics.following import sending
from topics.models import Assignment, DeskMail, Event, MailPreference, Schedule
from topics.webhooks import collecting

# What somebody must be permitted to be asked for a task.
NEEDED = {
    TaskKind.REVIEW: "topics.review_topic",
    TaskKind.CHANGES: "topics.change_topic",
    TaskKind.UPDATE: "topics.change_topic",
}

logger = logging.getLogger(__name__)

# Which tasks are done once something happened.
DONE_BY = {
    EventKind.SUBMITTED: [TaskKind.CHANGES, TaskKind.UPDATE],
    EventKind.REVIEWED: [TaskKind.REVIEW],
    EventKind.PUBLISHED: TaskKind.values,
}
OVERTAKEN = {
    EventKind.PUBLISHED: "The topic was published before.",
    EventKind.WITHDRAWN: "The topic was withdrawn before.",
}
TOLD = (EventKind.SUBMITTED, EventKind.REVIEWED, EventKind.PUBLISHED)


def follow_up(events: list[Event]) -> None:
    """Do what follows from events, in their transaction, and have team and partners told."""
    for kind in {event.kind for event in events}:
        topics = [event.topic_id for event in events if event.kind == kind and event.topic_id]
        _finish(Assignment.objects.filter(topic__in=topics, task__in=DONE_BY.get(kind, [])))
        if kind in OVERTAKEN:
            _cancel(topics, OVERTAKEN[kind])
    for event in events:
        if event.kind == EventKind.REVIEWED and event.data["verdict"] == Verdict.REQUEST_CHANGES:
            _ask_for_changes(event)
    if told := [event.pk for event in events if _is_told(event)]:
        tell.enqueue(told)
    collecting.notify(events)


def _is_told(event: Event) -> bool:
    # Nobody waits for starter content, of which hundreds of topics are published at once.
    is_starter = event.kind == EventKind.PUBLISHED and event.edition.review_id is None
    return event.kind in TOLD and not is_starter


def _finish(assignments: QuerySet[Assignment]) -> None:
    assignments.filter(done_at__isnull=True).update(done_at=timezone.now())


def _cancel(topics: list[int], why: str) -> None:
    waiting = Schedule.objects.filter(topic__in=topics, state=ScheduleState.WAITING)
    waiting.update(state=ScheduleState.CANCELLED, error=why, finished_at=timezone.now())


def _ask_for_changes(event: Event) -> None:
    """Ask whoever submitted a text, or wrote it last, to make the changes that were requested."""
    able = set(allowed(NEEDED[TaskKind.CHANGES]).values_list("pk", flat=True))
    both = (_submitted_by(event.topic_id), event.revision.author_id)
    asked = next((each for each in both if each in able), None)
    if asked and asked != event.actor_id:
        Assignment.objects.get_or_create(
            topic_id=event.topic_id, task=TaskKind.CHANGES, assignee_id=asked, done_at=None,
            defaults={"assigned_by_id": event.actor_id, "assigned_by_name": event.actor_name,
                      "note": event.note},
        )  # fmt: skip


def _submitted_by(topic: int) -> int | None:
    asked = Event.objects.filter(topic=topic, kind=EventKind.SUBMITTED).order_by("-pk")
    return asked.values_list("actor", flat=True).first()


def tell_of_assignment(assignment: Assignment) -> None:
    """Have somebody told what they were asked to do. Called in the transaction that asks."""
    _write({assignment.assignee_id}, assignment=assignment)
    deliver.enqueue()


def tell_of_failure(schedule: Schedule) -> None:
    """Have author and publisher told that a text was not published at its time."""
    _write({schedule.revision.author_id, schedule.scheduled_by_id}, schedule=schedule)
    deliver.enqueue()


@task()
def tell(event_ids: list[int]) -> None:
    """Write down whom to tell of the events. Done twice it does no more than done once."""
    for event in Event.objects.filter(pk__in=event_ids).select_related("topic", "revision"):
        _write(_concerned(event), event=event)
    deliver.enqueue()


def _concerned(event: Event) -> set[int]:
    """Return who is to be told of an event."""
    if event.kind == EventKind.SUBMITTED:
        return _asked_to_review(event) - {event.actor_id}
    authors = {event.revision.author_id, _submitted_by(event.topic_id)} - {None}
    if event.kind == EventKind.PUBLISHED:
        return authors | {event.actor_id}
    return authors - {event.actor_id}


def _asked_to_review(event: Event) -> set[int]:
    """Return the reviewers who were asked by name; if none was, all who may review the text."""
    writers = editions.writers(event.topic, event.revision.digest)
    named = open_for(TaskKind.REVIEW).filter(topic=event.topic_id)
    if found := set(named.values_list("assignee", flat=True)) - writers:
        return found
    reviewers = allowed(NEEDED[TaskKind.REVIEW]).values_list("pk", flat=True)
    return set(reviewers) - writers


def open_for(task: str) -> QuerySet[Assignment]:
    """Return what is asked and not done, of people who still can do it: one who left, or lost the
    right, must not keep a text from everybody else."""
    people = allowed(NEEDED[task]).order_by().values("pk")
    return Assignment.objects.filter(task=task, done_at__isnull=True, assignee__in=people)


def allowed(permission: str) -> QuerySet:
    """Return those of the team who hold a permission by their role, by name."""
    backend = f"{ModelBackend.__module__}.{ModelBackend.__qualname__}"
    people = get_user_model().objects.with_perm(
        permission, include_superusers=False, backend=backend
    )
    return people.order_by("last_name", "first_name", "username")


def wants_mails(user) -> bool:
    return not MailPreference.objects.filter(user=user, wants_mails=False).exists()


def _wanted(people: set[int]) -> QuerySet:
    """Return those of some people who are still there and want emails."""
    found = get_user_model().objects.filter(pk__in=people, is_active=True)
    return found.exclude(email="").exclude(mail_preference__wants_mails=False)


def _write(people: set[int], **about) -> None:
    now = timezone.now()
    DeskMail.objects.bulk_create(
        [DeskMail(recipient=person, due_at=now, **about) for person in _wanted(people)],
        ignore_conflicts=True,
    )


@task()
def deliver() -> int:
    """Send the emails to the team that are due, and return how many were sent."""
    if not can_be_sent():
        return 0
    begun, sent = time.monotonic(), 0
    connection = get_connection()
    try:
        while mail := _claim():
            sent += _send(mail, connection)
            if time.monotonic() - begun > sending.SECONDS:
                deliver.enqueue()
                break
    except sending.ServerFailed:
        # What was not tried stays due, and the worker asks for it again soon.
        pass
    finally:
        sending.close(connection)
    return sent


def is_due() -> bool:
    return can_be_sent() and DeskMail.objects.filter(due_at__lte=timezone.now()).exists()


@transaction.atomic
def retry(mails: QuerySet[DeskMail]) -> int:
    """Have emails that failed tried anew at once, as often as new ones. Return how many."""
    number = mails.filter(sent_at__isnull=True).update(due_at=timezone.now(), tries=0, fault="")
    deliver.enqueue()
    return number


def forget(before: datetime) -> None:
    """Delete what was sent before a time: no task that could send it again is left."""
    DeskMail.objects.filter(sent_at__lt=before).delete()


@transaction.atomic
def _claim() -> DeskMail | None:
    """Take one email that is due, for nobody else to send before its next try."""
    due = DeskMail.objects.filter(due_at__lte=timezone.now()).order_by("pk")
    mail = due.select_for_update(skip_locked=True).first()
    if mail:
        pause = sending.pause_after(mail.tries)
        mail.due_at = pause and timezone.now() + pause
        mail.tries += 1
        mail.save(update_fields=["due_at", "tries"])
    return mail


def _send(mail: DeskMail, connection) -> bool:
    """Send one email, and return whether it was sent. Raises ServerFailed."""
    if not _wanted({mail.recipient_id}).exists():
        # They left, or asked for none, since it was written.
        _note(mail, "No longer wanted", due_at=None)
        return False
    try:
        message = mails.compose(mail)
    except Exception as error:
        # Others must not wait for it.
        logger.exception("Mail %s to the team could not be written", mail.pk)
        _note(mail, f"The email could not be written ({type(error).__name__}).")
        return False
    try:
        sending.post(message, connection)
    except sending.Refused as error:
        _note(mail, str(error), **({"due_at": None} if error.is_final else {}))
        return False
    except sending.ServerFailed as error:
        _note(mail, str(error))
        raise
    _note(mail, "", sent_at=timezone.now(), due_at=None)
    return True


def _note(mail: DeskMail, fault: str, **values) -> None:
    DeskMail.objects.filter(pk=mail.pk).update(fault=fault, **values)

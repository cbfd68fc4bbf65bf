"""Who is asked to do what with a topic. That it is done is noted by the steps (see `telling`)."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from topics import editions, publishing, telling
from topics.choices import TaskKind
from topics.errors import FourEyes, Invalid, NotPermitted
from topics.models import Assignment, Event, Topic


def people_for(task: str) -> QuerySet:
    """Return the people who can be asked for a task, by name."""
    return telling.allowed(telling.NEEDED[task])


def free_to_review(topic: Topic) -> list:
    """Return who may review the latest text of a topic: reviewers who wrote none of it."""
    latest = topic.revisions.last()
    wrote = editions.writers(topic, latest.digest) if latest else set()
    return [person for person in people_for(TaskKind.REVIEW) if person.pk not in wrote]


def open_of(user) -> QuerySet[Assignment]:
    """Return what somebody is asked to do and nobody did yet, the oldest first."""
    return Assignment.objects.filter(assignee=user, done_at__isnull=True).select_related("topic")


@transaction.atomic
def assign(topic: Topic, *, assignee, task: str, actor, note: str = "") -> Assignment:
    """Ask somebody to do something with a topic, and have them told."""
    assignment, is_new = _assign(topic, assignee, task, actor, note)
    if is_new:
        telling.tell_of_assignment(assignment)
    return assignment


@transaction.atomic
def submit(topic: Topic, *, actor, note: str = "", reviewer=None) -> Event:
    """Submit the draft for review, and if a reviewer is named ask that one rather than all."""
    event = publishing.submit(topic, actor=actor, note=note)
    if reviewer:
        # The email that tells of the submission tells of this, too.
        _assign(topic, reviewer, TaskKind.REVIEW, actor, note)
    return event


@transaction.atomic
def finish(assignment: Assignment, *, actor) -> None:
    """Take something from somebody's list without its being done."""
    may = actor.pk in {assignment.assignee_id, assignment.assigned_by_id}
    if not may and not actor.has_perm("topics.publish_topic"):
        raise NotPermitted("Only who was asked, who asked, or an editor can do this.")
    open_ones = Assignment.objects.filter(pk=assignment.pk, done_at__isnull=True)
    open_ones.update(done_at=timezone.now())


def _assign(topic: Topic, assignee, task: str, actor, note: str) -> tuple[Assignment, bool]:
    if not actor.has_perm("topics.add_assignment"):
        raise NotPermitted("You may not assign work. Ask an administrator for the right.")
    if task not in TaskKind.values:
        raise Invalid(f"“{task}” is no task.")
    name = publishing.name_of(assignee)
    if not assignee.is_active or not assignee.has_perm(telling.NEEDED[task]):
        raise Invalid(f"{name} has no right to do this. Choose somebody else.")
    latest = topic.revisions.last()
    wrote = editions.writers(topic, latest.digest) if latest else set()
    if task == TaskKind.REVIEW and assignee.pk in wrote:
        raise FourEyes(f"{name} wrote part of this text, so somebody else must review it.")
    return Assignment.objects.get_or_create(
        topic_id=topic.pk, task=task, assignee=assignee, done_at=None,
        defaults={"assigned_by": actor, "assigned_by_name": publishing.name_of(actor),
                  "note": note},
    )  # fmt: skip

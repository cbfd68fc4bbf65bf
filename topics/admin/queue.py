"""What is to be done: the topics that await review, and what each of the team is asked to do."""

from django import forms
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.urls import reverse

from topics import changes, differences, documents, publishing
from topics.admin import state
from topics.admin.fields import ThemedForm
from topics.choices import Area, EventKind, Kind, TaskKind
from topics.desk import assigning
from topics.desk.tally import tally
from topics.models import Assignment, Edition, Event, Revision, Topic

ROWS = 25
# So many kinds of changes are told of in the queue.
TOLD = 2
FIRST_REVIEW, ALL_NEW = "First review of what is published", "All of it is new"
NOTHING_CHANGED = "Nothing, in an edition that was withdrawn"


class QueueForm(ThemedForm, forms.Form):
    """What narrows the queue."""

    mine = forms.BooleanField(label="Only what is asked of me", required=False)
    kind = forms.ChoiceField(required=False, choices=[("", "All kinds"), *Kind.choices])
    area = forms.ChoiceField(required=False, choices=[("", "All areas"), *Area.choices])


def context(request) -> dict:
    """Return what the page of the queue shows: the form that narrows it, and a page of rows."""
    form = QueueForm(request.GET)
    # What is no choice is as if it were not said.
    chosen = form.cleaned_data if form.is_valid() else {}
    page = Paginator(_waiting(request.user, chosen), ROWS).get_page(request.GET.get("page"))
    topics = list(page.object_list)
    asked, changed = _asked(topics), what_changed(topics)
    rows = [
        {
            "topic": topic,
            "kind": Kind(topic.kind).label,
            "areas": ", ".join(str(Area(area).label) for area in topic.areas),
            "url": _review_url(topic, request.user),
            "changed": changed[topic.pk],
            "asked": asked.get(topic.pk, []),
        }
        for topic in topics
    ]
    others = request.GET.copy()
    others.pop("page", None)
    return {"form": form, "page": page, "rows": rows, "query": others.urlencode()}


def tasks_of(user) -> list[dict]:
    """Return what somebody is asked to do, with where it is done."""
    return [{"assignment": each, "url": _task_url(each, user)} for each in assigning.open_of(user)]


def _task_url(task: Assignment, user) -> str:
    if task.task == TaskKind.REVIEW:
        return _review_url(task.topic, user)
    if task.task == TaskKind.CHANGES:
        # There verdict, comment and remarks are.
        return reverse("admin:topics_topic_discussion", args=[task.topic_id])
    return reverse("admin:topics_topic_change", args=[task.topic_id])


def what_changed(topics: list[Topic]) -> dict[int, str]:
    """Return in a few words what the latest text of each topic changes in its newest edition.

    Of an edition that nobody reviewed, unchanged words are as new to a reviewer as the others.
    """
    latest, editions = _latest(topics), _newest_editions(topics)
    return {topic.pk: _told(editions.get(topic.pk), latest.get(topic.pk)) for topic in topics}


def _waiting(user, chosen: dict):
    asked = Event.objects.filter(topic=OuterRef("pk"), kind=EventKind.SUBMITTED).order_by("-pk")
    topics = (
        state.with_state(Topic.objects)
        .filter(state.AWAITING)
        .annotate(
            submitter=Subquery(asked.values("actor_name")[:1]),
            submitted_note=Subquery(asked.values("note")[:1]),
        )
        .order_by("submitted_at", "pk")
    )
    if chosen.get("mine"):
        mine = Assignment.objects.filter(assignee=user, task=TaskKind.REVIEW, done_at__isnull=True)
        topics = topics.filter(pk__in=mine.values("topic"))
    if chosen.get("kind"):
        topics = topics.filter(kind=chosen["kind"])
    return topics.filter(areas__contains=[chosen["area"]]) if chosen.get("area") else topics


def _asked(topics: list[Topic]) -> dict[int, list[str]]:
    """Return the names of those who are asked to review each topic."""
    found: dict[int, list[str]] = {}
    open_ones = Assignment.objects.filter(
        topic__in=topics, task=TaskKind.REVIEW, done_at__isnull=True
    )
    for each in open_ones.select_related("assignee"):
        found.setdefault(each.topic_id, []).append(publishing.name_of(each.assignee))
    return found


def _latest(topics: list[Topic]) -> dict[int, Revision]:
    newest = Revision.objects.filter(topic__in=topics).order_by("topic_id", "-number")
    return {revision.topic_id: revision for revision in newest.distinct("topic_id")}


def _newest_editions(topics: list[Topic]) -> dict[int, Edition]:
    newest = Edition.objects.filter(topic__in=topics).order_by("topic_id", "-number")
    return {each.topic_id: each for each in newest.select_related("revision").distinct("topic_id")}


def _told(before: Edition | None, after: Revision | None) -> str:
    if before is None or after is None:
        return ALL_NEW
    if before.digest == after.digest:
        return NOTHING_CHANGED if before.is_reviewed else FIRST_REVIEW
    changed = _counts(before.revision, after)
    return changed if before.is_reviewed else f"{FIRST_REVIEW}, all of it; and {changed}"


def _counts(before: Revision, after: Revision) -> str:
    earlier, later = documents.read(before.document), documents.read(after.document)
    forms_of = changes.forms_of(Topic.class_for(later["kind"]))
    # How much stayed is counted too, without a place.
    counts = [each for each in tally(differences.between(earlier, later, forms_of)) if each.place]
    words = ", ".join(str(each.words) for each in counts[:TOLD])
    return f"{words}, and more" if len(counts) > TOLD else words


def _review_url(topic: Topic, user) -> str:
    if user.has_perm("topics.review_topic"):
        return reverse("admin:topics_topic_step", args=[topic.pk, "review"])
    return reverse("admin:topics_topic_discussion", args=[topic.pk])

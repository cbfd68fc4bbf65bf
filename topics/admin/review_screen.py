"""What a reviewer reads before the verdict, an author after it: differences, checks, remarks."""

from dataclasses import dataclass

from django.urls import reverse

from hsc_portal.pages import html
from topics import anchors, changes, documents, editions, listings, publishing
from topics.admin import comparing, figures, reading, tables
from topics.admin.desk_forms import RemarkForm
from topics.checking import LEVELS
from topics.choices import EventKind, TaskKind
from topics.desk import discussing, inspecting
from topics.models import Assignment, Event, Revision, Topic
from topics.rendering import TopicLinks

LEVEL_WORDS = dict(
    zip(LEVELS, ("To be mended, or confirmed by whoever publishes it", "To be looked at",
                 "Still open"), strict=True)
)  # fmt: skip

# The checks of what something rests on.
OF_SOURCES = {"uncited", "awaiting check", "unknown reference"}


@dataclass(frozen=True)
class Found:
    """What a check found: where, what, and the address of the form of a table's row."""

    place: str
    message: str
    url: str = ""


def context(topic: Topic, user, asked: dict) -> dict:
    """Return all that the screen shows of the latest text. `asked` is the query of its address."""
    latest = topic.revisions.last()
    if latest is None:
        return {}
    document = documents.read(latest.document)
    past = editions.Past.of([topic])[topic.pk]
    current = past.current
    is_done = bool(current and current.is_reviewed) and current.digest == latest.digest
    return {
        "revision": latest,
        "is_done": is_done,
        "is_writer": user.pk in past.writers(latest.digest),
        "is_open_to_verdicts": past.is_open_to_verdicts(latest.digest),
        "findings": findings(topic, document),
        "text": reading.text_of(document),
        "publications": reading.publications(document),
        "reviews": reading.verdicts_on(latest),
        "earlier_reviews": reading.earlier_verdicts(latest),
        "submission": past.submission(latest.digest),
        "earlier_submission": _last_submission(topic),
        "asked_of": asked_to_review(topic),
        "answered_at": reading.answered_at(topic, user),
        "preview_url": reverse("admin:topics_topic_preview", args=[topic.pk, latest.number]),
        "discussion_url": reverse("admin:topics_topic_discussion", args=[topic.pk]),
        **comparison(topic, latest, user, asked),
        **discussion_of(topic, latest, user, asked),
    }


def state_of(topic: Topic) -> dict:
    """Return what is open in the latest text, for pages beside the review: checks and remarks."""
    latest = topic.revisions.last()
    found = findings(topic, documents.read(latest.document)) if latest else []
    return {"findings": found, "remarks": discussing.open_remarks(topic)}


def comparison(topic: Topic, latest: Revision, user, asked: dict) -> dict:
    """Return what is told of the difference to another text, and to which ones it can be told."""
    bases = comparing.bases(topic, latest, user)
    basis = next((each for each in bases if each.name == asked.get("since")), None)
    basis = basis or next(iter(bases), None)
    is_same = basis is not None and basis.revision.digest == latest.digest
    may_remark = user.has_perm("topics.add_comment")
    is_compared = basis is not None and not is_same
    return {
        "bases": bases,
        "basis": basis,
        "is_same": is_same,
        "changed": is_compared and compared(basis.revision, latest, may_remark=may_remark),
        "newness": comparing.newness(topic, latest),
        "withdrawal": comparing.withdrawal(topic),
    }


def discussion_of(topic: Topic, latest: Revision, user, asked: dict) -> dict:
    threads = discussing.threads(topic)
    anchor = asked.get("about", "")
    return {
        "threads": threads,
        "open_remarks": sum(thread.remark.resolved_at is None for thread in threads),
        "may_remark": user.has_perm("topics.add_comment"),
        "may_resolve": user.has_perm("topics.change_comment"),
        "remark_form": RemarkForm(latest, initial={"about": anchor}),
        "longest_remark": discussing.LONGEST,
    }


def compared(before: Revision, after: Revision, *, may_remark: bool = False) -> str:
    """Return the differences between two revisions, as the public page of changes shows them.

    With `may_remark` each statement has a link to a remark about it.
    """
    later = documents.read(after.document)
    earlier = anchors.followed(documents.read(before.document), later)
    warned = inspecting.flagged(documents.cited_keys(earlier) | documents.cited_keys(later))
    links = TopicLinks(listings.of_draft(after.topic_id, later).links)
    shown = changes.shown(earlier, later, warned, links, figures.draft_address)
    return html("components/change/all.html", shown | {"may_remark": may_remark})


def findings(topic: Topic, document: dict) -> list[tuple[str, str, list[Found]]]:
    """Return the findings of the checks by how grave they are: words, the check, what it found."""
    groups: dict[tuple[str, str], list] = {}
    for found in inspecting.inspect(document):
        url = tables.row_url(topic, found.place, sources=found.check in OF_SOURCES)
        told = Found(found.place, found.message, url)
        groups.setdefault((LEVEL_WORDS[found.level], found.check), []).append(told)
    return [(level, check, found) for (level, check), found in groups.items()]


def _last_submission(topic: Topic) -> Event | None:
    asked = topic.events.filter(kind=EventKind.SUBMITTED).select_related("revision")
    return asked.defer("revision__text").last()


def asked_to_review(topic: Topic) -> list[str]:
    """Return the names of those who are asked to review a topic."""
    asked = Assignment.objects.filter(topic=topic, task=TaskKind.REVIEW, done_at__isnull=True)
    return [publishing.name_of(each.assignee) for each in asked.select_related("assignee")]

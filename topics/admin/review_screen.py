"""What a reviewer reads before the verdict, an author after it: differences, checks, remarks."""

from django.urls import reverse

from hsc_portal.pages import html
from topics import (
    changes,
    discussing,
    documents,
    editions,
    inspecting,
    listings,
    publishing,
)
from topics.admin import reading
from topics.admin.desk_forms import RemarkForm
from topics.checking import LEVELS
from topics.choices import EventKind, TaskKind
from topics.models import Assignment, Revision, Topic
from topics.rendering import TopicLinks

LEVEL_WORDS = dict(
    zip(LEVELS, ("To be mended before publishing", "To be looked at", "Still open"), strict=True)
)


def context(topic: Topic, user, asked: dict) -> dict:
    """Return all that the screen shows of the latest text. `asked` is the query of its address."""
    latest = topic.revisions.last()
    if latest is None:
        return {}
    document = documents.read(latest.document)
    published = publishing.current_edition(topic)
    discussion = reverse("admin:topics_topic_discussion", args=[topic.pk])
    may_remark = user.has_perm("topics.add_comment")
    changed = published and compared(published.revision, latest, may_remark=may_remark)
    return {
        "revision": latest,
        "published": published,
        "is_same": published is not None and published.digest == latest.digest,
        "is_done": bool(published and published.is_reviewed) and published.digest == latest.digest,
        "is_writer": user.pk in editions.writers(topic, latest.digest),
        "changed": changed,
        "findings": findings(document),
        "text": reading.text_of(document),
        "publications": reading.publications(document),
        "reviews": reading.verdicts_on(latest),
        "request_for_review": topic.events.filter(kind=EventKind.SUBMITTED).last(),
        "asked_of": asked_to_review(topic),
        "preview_url": reverse("admin:topics_topic_preview", args=[topic.pk, latest.number]),
        "discussion_url": discussion,
        **discussion_of(topic, latest, user, asked),
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
    earlier, later = documents.read(before.document), documents.read(after.document)
    warned = inspecting.flagged(documents.cited_keys(earlier) | documents.cited_keys(later))
    links = TopicLinks(listings.of_draft(after.topic_id, later).links)
    shown = changes.shown(earlier, later, warned, links)
    return html("components/change/all.html", shown | {"may_remark": may_remark})


def findings(document: dict) -> list[tuple[str, str, list]]:
    """Return the findings of the checks by how grave they are: words, the check, what it found."""
    groups: dict[tuple[str, str], list] = {}
    for found in inspecting.inspect(document):
        groups.setdefault((LEVEL_WORDS[found.level], found.check), []).append(found)
    return [(level, check, found) for (level, check), found in groups.items()]


def asked_to_review(topic: Topic) -> list[str]:
    """Return the names of those who are asked to review a topic."""
    asked = Assignment.objects.filter(topic=topic, task=TaskKind.REVIEW, done_at__isnull=True)
    return [publishing.name_of(each.assignee) for each in asked.select_related("assignee")]

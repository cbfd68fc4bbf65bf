"""What is said about a draft: remarks on a revision or on one of its statements, and replies.

They are kept for good. A remark is open until somebody calls it resolved; it can be opened again.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from topics import anchors, documents, publishing
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.models import Comment, Revision, Topic

LONGEST = 5000


@dataclass
class Thread:
    """A remark with its replies.

    `now` has the words of its statement in the latest text, if they are other ones. `is_gone`: the
    statement is no longer there, nor any like it.
    """

    remark: Comment
    replies: list[Comment]
    now: str = ""
    is_gone: bool = False


@transaction.atomic
def remark(revision: Revision, *, actor, text: str, anchor: str = "") -> Comment:
    """Say something about a revision, or about one of its statements, known by its anchor."""
    said = {statement["anchor"]: statement["text"] for statement in statements_of(revision)}
    if anchor and anchor not in said:
        raise Invalid("This statement is not part of the revision. Load the page again.")
    return _write(revision, actor, text, anchor=anchor, quote=said.get(anchor, ""))


@transaction.atomic
def reply(to: Comment, *, actor, text: str) -> Comment:
    """Answer a remark. An answer to an answer is one to the remark."""
    to = to.parent or to
    return _write(to.revision, actor, text, parent=to)


@transaction.atomic
def resolve(comment: Comment, *, actor) -> None:
    """Call a remark resolved."""
    _set_resolved(comment, actor, timezone.now(), publishing.name_of(actor))


@transaction.atomic
def reopen(comment: Comment, *, actor) -> None:
    """Open a remark that was resolved."""
    _set_resolved(comment, actor, None, "")


def threads(topic: Topic) -> list[Thread]:
    """Return all that was said about a topic, what is open first, each the oldest first."""
    everything = list(topic.comments.select_related("revision").defer("revision__text"))
    latest = topic.revisions.last()
    said = {one["anchor"]: one["text"] for one in statements_of(latest)} if latest else {}
    replies: dict[int, list[Comment]] = {}
    for comment in everything:
        replies.setdefault(comment.parent_id, []).append(comment)
    found = [_thread(one, replies.get(one.pk, []), said) for one in replies.get(None, [])]
    return sorted(found, key=lambda thread: thread.remark.resolved_at is not None)


def open_remarks(topic: Topic) -> list[Comment]:
    return list(topic.comments.filter(parent__isnull=True, resolved_at__isnull=True))


def _thread(remark: Comment, replies: list[Comment], said: dict[str, str]) -> Thread:
    """Return a thread with what became of the statement that it is about.

    A statement without a written name is called after its words, so one that was reworded before
    it was published has another name, and is known by its likeness.
    """
    if not remark.anchor:
        return Thread(remark, replies)
    now = said.get(remark.anchor)
    if now is None and (name := anchors.most_alike(remark.quote, said)):
        now = said[name]
    return Thread(remark, replies, now if now and now != remark.quote else "", now is None)


def statements_of(revision: Revision) -> list[dict]:
    return list(documents.all_statements(documents.read(revision.document)))


def _write(revision: Revision, actor, text: str, **about) -> Comment:
    _require(actor, "add_comment")
    text = text.strip()
    if not text:
        raise Invalid("Write what you want to say.")
    if len(text) > LONGEST:
        raise Invalid(f"A remark has at most {LONGEST} characters; this one has {len(text)}.")
    return Comment.objects.create(
        topic_id=revision.topic_id, revision=revision, text=text, author=actor,
        author_name=publishing.name_of(actor), **about,
    )  # fmt: skip


def _set_resolved(comment: Comment, actor, at, name: str) -> None:
    _require(actor, "change_comment")
    remarks = Comment.objects.filter(pk=comment.pk, parent__isnull=True)
    if not remarks.filter(resolved_at__isnull=at is not None).update(
        resolved_at=at, resolved_by_name=name
    ):
        raise NothingToDo("Somebody else did this a moment ago.")


def _require(actor, permission: str) -> None:
    if not actor.has_perm(f"topics.{permission}"):
        raise NotPermitted("You may not take part in the discussion of drafts.")

"""Links by which an outside expert reads a draft, without an account and for a limited time.

The token is random and told once, to who makes the link. Kept is its hash, so who sees the database
or a backup of it can open no draft.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from topics import publishing
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.models import DraftLink, Revision, Topic
from topics.models.desk import LONGEST_LINK

TOKEN_BYTES = 32
USUAL_DAYS = 14


class Unknown(Exception):
    """No link has this token."""


class Over(Exception):
    """The time of the link is over, or it was revoked."""

    def __init__(self, link: DraftLink):
        super().__init__(link.pk)
        self.link = link


@transaction.atomic
def make(
    topic: Topic, *, actor, recipient: str, days: int, revision: Revision | None = None
) -> tuple[DraftLink, str]:
    """Make a link to a draft for somebody, and return it with its token.

    It shows one revision, or if none is named always the latest.
    """
    _require(actor, "add_draftlink")
    if not recipient.strip():
        raise Invalid("Say for whom the link is.")
    if not 1 <= days <= LONGEST_LINK.days:
        raise Invalid(f"A link works for 1 to {LONGEST_LINK.days} days.")
    if (revision and revision.topic_id != topic.pk) or not topic.revisions.exists():
        raise Invalid("There is no such text. Save the topic first.")
    now = timezone.now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = DraftLink.objects.create(
        topic_id=topic.pk, revision=revision, recipient=recipient.strip(),
        token_hash=_hash(token), made_by=actor, made_by_name=publishing.name_of(actor),
        created_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    return link, token


@transaction.atomic
def revoke(link: DraftLink, *, actor) -> None:
    """Let a link work no longer. Who made it may do that, and editors."""
    if link.made_by_id != actor.pk:
        _require(actor, "change_draftlink")
    changed = DraftLink.objects.filter(pk=link.pk, revoked_at__isnull=True)
    if not changed.update(revoked_at=timezone.now(), revoked_by_name=publishing.name_of(actor)):
        raise NothingToDo("This link was revoked already.")


def open_link(token: str) -> DraftLink:
    """Return the link of a token, and count the opening. Raises Unknown or Over."""
    link = find(token)
    DraftLink.objects.filter(pk=link.pk).update(
        opened=F("opened") + 1, last_opened_at=timezone.now()
    )
    return link


def find(token: str) -> DraftLink:
    """Return the link of a token. Raises Unknown or Over."""
    found = DraftLink.objects.filter(token_hash=_hash(token))
    link = found.select_related("topic", "revision").first()
    if link is None:
        raise Unknown
    if not works(link):
        raise Over(link)
    return link


def works(link: DraftLink) -> bool:
    return link.revoked_at is None and link.expires_at > timezone.now()


def shown(link: DraftLink) -> Revision:
    """Return the revision that a link shows."""
    return link.revision or link.topic.revisions.last()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _require(actor, permission: str) -> None:
    if not actor.has_perm(f"topics.{permission}"):
        raise NotPermitted("You may not do this with links to drafts.")

"""Finding what a reader asked for: one edition, with all that must be shown beside it.

Pages and API both read through here, so that visibility is decided in one place. Everything comes
from editions and listings; no draft is ever touched. One query finds out which edition it is and
in what state. That is enough to answer a reader who has it already, or from a page that was kept;
a second query reads the edition itself when something asks for it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import connection

from topics import documents
from topics.choices import EventKind
from topics.models import Edition, Event, Listing, PublishedSlug

# Written by hand: this is asked for each page and answer, and building it by the ORM took several
# times as long as running it. {edition} says which edition is meant.
_FIND = """
    SELECT topic.kind, listing.slug, edition.id, edition.number, edition.digest, edition.hash,
        coalesce(listing.edition_id = edition.id, false), coalesce(listing.stamp, ''),
        listing.next_review,
        (SELECT coalesce(json_agg(json_build_object(
                'key', cited.key, 'status', cited.status, 'status_on', cited.status_on,
                'status_notice', cited.status_notice) ORDER BY cited.key), '[]')::text
            FROM topics_citation citation
            JOIN references_reference cited ON cited.id = citation.reference_id
            WHERE citation.edition_id = edition.id AND cited.status <> 'current')
    FROM topics_publishedslug address
    JOIN topics_topic topic ON topic.id = address.topic_id
    LEFT JOIN topics_listing listing ON listing.topic_id = topic.id
    LEFT JOIN topics_edition edition ON {edition}
    WHERE address.slug = %s
"""
_FIND_CURRENT = _FIND.format(edition="edition.id = listing.edition_id")
_FIND_NUMBER = _FIND.format(edition="edition.topic_id = topic.id AND edition.number = %s")


class NotPublished(Exception):
    """No topic was ever published at the address, or not in that edition."""


@dataclass
class Moved(Exception):
    """The topic has a new address."""

    slug: str


@dataclass
class Withdrawn(Exception):
    """The topic was published once and was withdrawn. `event.note` is the reason."""

    edition: Edition
    event: Event


@dataclass
class Reading:
    """One edition as it is read now.

    `listed_at` is the address at which the topic is found now, None if it is withdrawn. `flagged`
    has, by key, each cited reference that readers must be warned of, as it stands today and not as
    it stood when the edition was made.
    """

    kind: str
    listed_at: str | None
    edition_id: int
    number: int
    digest: str
    hash: str
    is_current: bool
    stamp: str
    listed_review: date | None
    flagged: dict[str, dict]

    @cached_property
    def edition(self) -> Edition:
        return Edition.objects.select_related("revision", "topic__listing").get(pk=self.edition_id)

    @cached_property
    def listing(self) -> Listing | None:
        """What is listed of the topic now, None if it is withdrawn."""
        return getattr(self.edition.topic, "listing", None)

    @cached_property
    def document(self) -> dict:
        return documents.read(self.edition.revision.document)

    @property
    def slug(self) -> str:
        """The address at which the topic is found now, or was found last."""
        return self.listed_at or self.document["slug"]

    @property
    def next_review(self) -> date | None:
        """When the text of the edition is to be reviewed again."""
        if self.is_current:
            return self.listed_review
        due = self.document.get("next_review")
        return date.fromisoformat(due) if due else None

    @cached_property
    def state(self) -> str:
        """A short text that differs whenever anything that a reader sees differs."""
        # The edition's own hash too: the same words may be published again once they are reviewed.
        beside = [self.hash, self.is_current, self.listed_at, self.stamp, self.flagged]
        text = json.dumps(beside, sort_keys=True, default=str)
        return f"{self.digest[:16]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def current(slug: str, kind: str | None = None) -> Reading:
    """Return the current edition of the topic at an address, of one kind if `kind` is given.

    Raises NotPublished, Moved (the topic is at another address now) or Withdrawn.
    """
    found = _find(_FIND_CURRENT, [slug])
    if found is None or (kind and found.kind != kind):
        raise NotPublished(slug)
    if found.listed_at is None:
        raise _withdrawn(slug)
    if found.listed_at != slug:
        raise Moved(found.listed_at)
    return found


def edition(slug: str, number: int) -> Reading:
    """Return one edition of the topic at an address, for ever.

    Raises NotPublished for an unknown address or number, and Moved.
    """
    found = _find(_FIND_NUMBER, [number, slug])
    if found is None or found.edition_id is None:
        raise NotPublished(slug)
    if found.listed_at and found.listed_at != slug:
        raise Moved(found.listed_at)
    return found


def history(slug: str) -> list[Edition]:
    """Return all editions of the topic at an address, newest first.

    Each has `withdrawal`, the event that took it from the readers, or None. Raises NotPublished,
    and Moved if the topic is at another address now.
    """
    editions = list(
        Edition.objects.filter(topic__published_slugs__slug=slug)
        .select_related("revision", "topic__listing")
        .order_by("-number")
    )
    if not editions:
        raise NotPublished(slug)
    listing = getattr(editions[0].topic, "listing", None)
    if listing and listing.slug != slug:
        raise Moved(listing.slug)
    events = Event.objects.filter(edition__in=editions, kind=EventKind.WITHDRAWN)
    withdrawals = {event.edition_id: event for event in events}
    for found in editions:
        found.withdrawal = withdrawals.get(found.pk)
        found.is_current = bool(listing) and listing.edition_id == found.pk
    return editions


def _find(query: str, values: list) -> Reading | None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    if row is None:
        return None
    *columns, flagged = row
    return Reading(*columns, {warning["key"]: _dated(warning) for warning in json.loads(flagged)})


def _dated(warning: dict) -> dict:
    on = warning["status_on"]
    return warning | {"status_on": date.fromisoformat(on) if on else None}


def _withdrawn(slug: str) -> Withdrawn:
    topic = PublishedSlug.objects.get(slug=slug).topic_id
    event = (
        Event.objects.filter(topic=topic, kind=EventKind.WITHDRAWN)
        .select_related("edition__revision")
        .latest("pk")
    )
    return Withdrawn(event.edition, event)

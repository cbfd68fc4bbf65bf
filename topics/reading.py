"""Finding what a reader asked for: one edition, with all that must be shown beside it.

Pages and API both read through here, so that visibility is decided in one place. Everything comes
from editions and listings; no draft is ever touched. Finding a topic takes two queries.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from references.models import Reference
from topics import documents
from topics.choices import EventKind
from topics.models import Edition, Event, Listing, PublishedSlug


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

    `listing` is None if the topic is withdrawn. `flagged` has, by key, each cited reference that
    readers must be warned of, as it stands today and not as it stood when the edition was made.
    """

    edition: Edition
    listing: Listing | None
    document: dict
    flagged: dict[str, dict]

    @property
    def is_current(self) -> bool:
        return self.listing is not None and self.listing.edition_id == self.edition.pk

    @property
    def slug(self) -> str:
        """The address at which the topic is found now."""
        return self.listing.slug if self.listing else self.document["slug"]

    @cached_property
    def state(self) -> str:
        """A short text that differs whenever anything that a reader sees differs."""
        # The edition's own hash too: the same words may be published again once they are reviewed.
        beside = [
            self.edition.hash,
            self.is_current,
            self.listing.stamp if self.listing else "",
            self.flagged,
        ]
        text = json.dumps(beside, sort_keys=True, default=str)
        return f"{self.edition.digest[:16]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def current(slug: str, kind: str | None = None) -> Reading:
    """Return the current edition of the topic at an address, of one kind if `kind` is given.

    Raises NotPublished, Moved (the topic is at another address now) or Withdrawn.
    """
    address = (
        PublishedSlug.objects.filter(slug=slug)
        .select_related("topic__listing__edition__revision")
        .first()
    )
    if address is None or (kind and address.topic.kind != kind):
        raise NotPublished(slug)
    listing = getattr(address.topic, "listing", None)
    if listing is None:
        raise _withdrawn(address.topic)
    if listing.slug != slug:
        raise Moved(listing.slug)
    return _reading(listing.edition, listing)


def edition(slug: str, number: int) -> Reading:
    """Return one edition of the topic at an address, for ever.

    Raises NotPublished for an unknown address or number, and Moved.
    """
    found = (
        Edition.objects.filter(topic__published_slugs__slug=slug, number=number)
        .select_related("revision", "topic__listing")
        .first()
    )
    if found is None:
        raise NotPublished(slug)
    listing = getattr(found.topic, "listing", None)
    if listing and listing.slug != slug:
        raise Moved(listing.slug)
    return _reading(found, listing)


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


def _reading(found: Edition, listing: Listing | None) -> Reading:
    document = documents.read(found.revision.document)
    keys = [item["id"] for item in document["references"]]
    flagged = {
        reference["key"]: reference
        for reference in Reference.objects.filter(key__in=keys)
        .exclude(status=Reference.Status.CURRENT)
        .values("key", "status", "status_on", "status_notice")
    }
    return Reading(found, listing, document, flagged)


def _withdrawn(topic) -> Withdrawn:
    event = (
        Event.objects.filter(topic=topic, kind=EventKind.WITHDRAWN)
        .select_related("edition__revision")
        .latest("pk")
    )
    return Withdrawn(event.edition, event)

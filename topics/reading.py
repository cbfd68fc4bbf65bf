"""Finding what a reader asked for: one edition, with all that must be shown beside it.

Pages and API both read through here, so that visibility is decided in one place. Everything comes
from editions and listings; no draft is ever touched. One query finds out which edition it is and
in what state. That is enough to answer a reader who has it already, or from a page that was kept;
a second query reads the edition itself when something asks for it. Somebody may publish between
the two, so whoever makes an answer of a Reading does so within `steadily`.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar

from django.db import connection
from django.db.models import QuerySet

from topics import addresses, documents
from topics.choices import EventKind
from topics.models import Edition, Event, Listing, PublishedSlug

# Written by hand: this is asked for each page and answer, and building it by the ORM took several
# times as long as running it. {edition} says which edition is meant.
_FIND = """
    SELECT topic.kind, listing.slug, edition.id, edition.number, edition.digest, edition.hash,
        current.id, current.number, coalesce(listing.stamp, ''), listing.next_review,
        withdrawal.created_at, withdrawal.note,
        (SELECT coalesce(json_agg(json_build_object(
                'key', cited.key, 'status', cited.status, 'status_on', cited.status_on,
                'status_notice', cited.status_notice) ORDER BY cited.key), '[]')::text
            FROM topics_citation citation
            JOIN references_reference cited ON cited.id = citation.reference_id
            WHERE citation.edition_id = edition.id AND cited.status <> 'current'),
        (SELECT coalesce(json_agg(json_build_object(
                'key', near.key, 'title', near.title, 'authors', near.authors,
                'container', near.container, 'year', near.year, 'study_type', near.study_type,
                'status', near.status, 'status_on', near.status_on) ORDER BY wanted.place),
                '[]')::text
            FROM jsonb_array_elements_text(listing.publications)
                WITH ORDINALITY wanted (key, place)
            JOIN references_reference near ON near.key = wanted.key
            WHERE edition.id = listing.edition_id)
    FROM topics_publishedslug address
    JOIN topics_topic topic ON topic.id = address.topic_id
    LEFT JOIN topics_listing listing ON listing.topic_id = topic.id
    LEFT JOIN topics_edition current ON current.id = listing.edition_id
    LEFT JOIN topics_edition edition ON {edition}
    LEFT JOIN LATERAL (
        SELECT event.created_at, event.note FROM topics_event event
        WHERE event.topic_id = topic.id AND event.kind = 'withdrawn'
            AND (event.edition_id = edition.id OR listing.topic_id IS NULL)
        ORDER BY coalesce(event.edition_id = edition.id, false) DESC, event.id DESC LIMIT 1
    ) withdrawal ON true
    WHERE address.slug = %s
"""
_FIND_CURRENT = _FIND.format(edition="edition.id = listing.edition_id")
_FIND_NUMBER = _FIND.format(edition="edition.topic_id = topic.id AND edition.number = %s")
_FIND_NUMBERS = _FIND.format(edition="edition.topic_id = topic.id AND edition.number = ANY(%s)")
_FIND_AS_OF = _FIND.format(
    edition="""edition.id = (SELECT past.id FROM topics_edition past
        WHERE past.topic_id = topic.id AND past.published_at < %s
        ORDER BY past.number DESC LIMIT 1)"""
)
_FIND_SEVERAL = _FIND_CURRENT.replace("address.slug = %s", "address.slug = ANY(%s)")

# How often an answer is begun anew because somebody published while it was made.
ATTEMPTS = 3

T = TypeVar("T")


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
class NotPublishedThen(Exception):
    """The topic was published only after the day that was asked for, first in this edition."""

    first: Edition


@dataclass
class WithdrawnThen(Exception):
    """The topic was withdrawn at the end of the day asked for. `reading` is of the last edition."""

    reading: "Reading"


class Changed(Exception):
    """What is listed of a topic is no longer what was found a moment ago."""


@dataclass(frozen=True)
class Withdrawal:
    """When an edition was taken from the readers, and why."""

    at: datetime
    reason: str


@dataclass
class Reading:
    """One edition as it is read now.

    `listed_at` is the address at which the topic is found now, None if it is withdrawn; of the
    edition that is current then are `current_id` and `current_number`. `withdrawal` is that of
    this edition; a topic that is withdrawn takes all its editions with it. `flagged` has, by key,
    each cited reference that readers must be warned of, as it stands today and not as it stood
    when the edition was made. `publications` are those that related topics cite and this one does
    not, as they stand today; none for a past edition. What is not `is_steady` may be of two moments
    and must not be kept. `figure_address` is as in `rendering.Figures`.
    """

    kind: str
    listed_at: str | None
    edition_id: int
    number: int
    digest: str
    hash: str
    current_id: int | None
    current_number: int | None
    stamp: str
    listed_review: date | None
    withdrawal: Withdrawal | None
    flagged: dict[str, dict]
    publications: list[dict]
    is_steady: bool = field(default=True, kw_only=True)
    figure_address: Callable[[str, str], str] = field(default=addresses.of_figure, kw_only=True)

    @property
    def is_current(self) -> bool:
        return self.edition_id == self.current_id

    @cached_property
    def edition(self) -> Edition:
        """The edition with its text and topic. Raises Changed if it would not fit what was found.

        Without that a page of now would be kept as the page of a moment ago.
        """
        return self.fitting(_whole_editions().get(pk=self.edition_id))

    def fitting(self, found: Edition) -> Edition:
        """Return the edition that was read. Raises Changed if it does not fit what was found."""
        listing = getattr(found.topic, "listing", None)
        listed = (None, None, "", None)
        if listing:
            listed = (listing.slug, listing.edition_id, listing.stamp, listing.next_review)
        was_listed = (self.listed_at, self.current_id, self.stamp, self.listed_review)
        if self.is_steady and listed != was_listed:
            raise Changed(self.edition_id)
        return found

    @cached_property
    def listing(self) -> Listing | None:
        """What is listed of the topic now, None if it is withdrawn."""
        return getattr(self.edition.topic, "listing", None)

    @cached_property
    def original(self) -> dict:
        """The Document word for word as it was published: its digest is that of the edition."""
        return self.edition.revision.document

    @cached_property
    def document(self) -> dict:
        """The Document in the present schema."""
        return documents.read(self.original)

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
        withdrawal = self.withdrawal and [self.withdrawal.at, self.withdrawal.reason]
        beside = [
            self.hash, self.current_number, self.listed_at, self.stamp, withdrawal, self.flagged,
            self.publications,
        ]  # fmt: skip
        text = json.dumps(beside, sort_keys=True, default=str)
        return f"{self.digest[:16]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


class Readings(list[Reading]):
    """The Readings of several topics, of one moment together. See `several`."""

    @property
    def is_steady(self) -> bool:
        return all(reading.is_steady for reading in self)

    @is_steady.setter
    def is_steady(self, value: bool) -> None:
        for reading in self:
            reading.is_steady = value

    def load(self) -> None:
        """Read all editions with one query. Raises Changed if one does not fit what was found."""
        editions = _whole_editions().in_bulk([reading.edition_id for reading in self])
        for reading in self:
            reading.edition = reading.fitting(editions[reading.edition_id])


def steadily(find: Callable[[], Reading], answer: Callable[[Reading], T]) -> T:
    """Return what `answer` makes of the Reading that `find` finds, all of it of one moment.

    If somebody publishes, withdraws or pairs meanwhile it is found again. After `ATTEMPTS` in vain
    the answer is made of what there is, with a Reading that is not `is_steady`.
    """
    for _ in range(ATTEMPTS):
        try:
            return answer(find())
        except Changed:
            continue
    found = find()
    found.is_steady = False
    return answer(found)


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


def several(slugs: list[str]) -> Readings:
    """Return the current editions of several topics, in this order, with one query.

    `load` reads their texts with another one. Raises NotPublished, naming the first address at
    which there is no topic now: none was ever, or it was withdrawn or has moved.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIND_SEVERAL, [slugs])
        found = {reading.listed_at: reading for reading in map(_reading, cursor.fetchall())}
    if absent := [slug for slug in slugs if slug not in found]:
        raise NotPublished(absent[0])
    return Readings(found[slug] for slug in slugs)


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


def editions(slug: str, earlier: int, later: int) -> Readings:
    """Return two editions of the topic at an address, in this order, with one query.

    `load` reads their texts with another one. Raises NotPublished for an unknown address or
    number, and Moved.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIND_NUMBERS, [[earlier, later], slug])
        found = {reading.number: reading for reading in map(_reading, cursor.fetchall())}
    if not {earlier, later} <= found.keys():
        raise NotPublished(slug)
    if found[later].listed_at not in {None, slug}:
        raise Moved(found[later].listed_at)
    return Readings([found[earlier], found[later]])


def as_of(slug: str, day: date) -> Reading:
    """Return the edition that was current at the end of a day (UTC) at an address.

    Raises NotPublished if nothing ever was, NotPublishedThen, WithdrawnThen, and Moved.
    """
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    found = _find(_FIND_AS_OF, [end, slug])
    if found is None:
        raise NotPublished(slug)
    if found.listed_at not in {None, slug}:
        raise Moved(found.listed_at)
    if found.edition_id is None:
        first = Edition.objects.select_related("revision").order_by("number")
        raise NotPublishedThen(first.filter(topic__published_slugs__slug=slug)[0])
    if found.withdrawal and found.withdrawal.at < end:
        # The event is this edition's own: one that took a later edition with the topic is later.
        found.is_steady = False
        raise WithdrawnThen(found)
    return found


def history(slug: str) -> list[Edition]:
    """Return all editions of the topic at an address, newest first.

    Each has `is_current`, and `withdrawal` or None as in a Reading. Raises NotPublished, and Moved
    if the topic is at another address now.
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
    events = Event.objects.filter(edition__in=editions, kind=EventKind.WITHDRAWN).order_by("pk")
    withdrawals = {event.edition_id: Withdrawal(event.created_at, event.note) for event in events}
    # As in _FIND: while a topic is withdrawn, so are its editions of before.
    of_all = None if listing or not withdrawals else list(withdrawals.values())[-1]
    notes = set()
    for found in reversed(editions):
        found.repeats_note = found.change_note in notes
        notes.add(found.change_note)
    for found in editions:
        found.withdrawal = withdrawals.get(found.pk, of_all)
        found.is_current = bool(listing) and listing.edition_id == found.pk
    return editions


def _find(query: str, values: list) -> Reading | None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return _reading(row) if row else None


def _reading(row: tuple) -> Reading:
    *columns, at, reason, flagged, publications = row
    near = [_dated(publication) for publication in json.loads(publications)]
    warnings = {warning["key"]: _dated(warning) for warning in json.loads(flagged)}
    return Reading(*columns, Withdrawal(at, reason) if at else None, warnings, near)


def _whole_editions() -> QuerySet[Edition]:
    return Edition.objects.select_related("revision", "topic__listing")


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

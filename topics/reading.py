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
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from topics import addresses, documents, finding, merged
from topics.choices import EventKind
from topics.models import Edition, Event, Listing, PublishedSlug

# How often an answer is begun anew because somebody published while it was made.
ATTEMPTS = 3

# What was typeset of the publications that an edition cites, in a style. Those that were merged
# are cited by one key and printed as another.
_TYPESET = """(
    SELECT json_object_agg(typeset.digest, typeset.html)::text FROM references_typeset typeset
    WHERE typeset.style = %s AND typeset.key IN (
        SELECT unnest(ARRAY[cited.key, kept.key]) FROM topics_citation citation
        JOIN references_reference cited ON cited.id = citation.reference_id
        LEFT JOIN references_reference kept ON kept.id = cited.merged_into_id
        WHERE citation.edition_id = topics_edition.id))"""

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
    not, as they stand today; none for a past edition. `merged` has, by the key that is cited, the
    publication that it was merged into. What is not `is_steady` may be of two moments and must not
    be kept. `figure_address` is as in `rendering.Figures`. `style` is that of the list of
    references; without one they have the portal's own form.
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
    merged: dict[str, dict] = field(default_factory=dict)
    is_steady: bool = field(default=True, kw_only=True)
    figure_address: Callable[[str, str], str] = field(default=addresses.of_figure, kw_only=True)
    style: str = field(default="", kw_only=True)

    @property
    def is_current(self) -> bool:
        return self.edition_id == self.current_id

    @cached_property
    def edition(self) -> Edition:
        """The edition with its text and topic. Raises Changed if it would not fit what was found.

        Without that a page of now would be kept as the page of a moment ago.
        """
        wanted = _whole_editions()
        if self.style:
            wanted = wanted.annotate(typeset=RawSQL(_TYPESET, [self.style], TextField()))
        return self.fitting(wanted.get(pk=self.edition_id))

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
        """The Document in the present schema, which names one publication by one key."""
        return merged.unified(documents.read(self.original), self.merged)

    @property
    def typeset(self) -> dict[str, str]:
        """What was typeset of the publications cited, by digest: see `references.typesetting`."""
        return json.loads(getattr(self.edition, "typeset", None) or "{}")

    @property
    def warnings(self) -> list[dict]:
        """What is `flagged`, under each key by which the original cites it."""
        others = {old: self.flagged.get(item["id"]) for old, item in self.merged.items()}
        twice = [flag | {"key": old} for old, flag in others.items() if flag]
        return [*self.flagged.values(), *twice]

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
            self.publications, self.merged,
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
    found = _find(finding.FIND_CURRENT, [slug])
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
        cursor.execute(finding.FIND_SEVERAL, [slugs])
        found = {reading.listed_at: reading for reading in map(_reading, cursor.fetchall())}
    if absent := [slug for slug in slugs if slug not in found]:
        raise NotPublished(absent[0])
    return Readings(found[slug] for slug in slugs)


def edition(slug: str, number: int) -> Reading:
    """Return one edition of the topic at an address, for ever.

    Raises NotPublished for an unknown address or number, and Moved.
    """
    found = _find(finding.FIND_NUMBER, [number, slug])
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
        cursor.execute(finding.FIND_NUMBERS, [[earlier, later], slug])
        found = {reading.number: reading for reading in map(_reading, cursor.fetchall())}
    if not {earlier, later} <= found.keys():
        raise NotPublished(slug)
    if found[later].listed_at not in {None, slug}:
        raise Moved(found[later].listed_at)
    return Readings([found[earlier], found[later]])


def as_of(slug: str, day: date) -> Reading:
    """Return the edition that was current at the end of a day (UTC) at an address."""
    return before(slug, datetime.combine(day + timedelta(days=1), time(), UTC))


def before(slug: str, end: datetime, kind: str | None = None) -> Reading:
    """Return the edition that was current just before a moment at an address, of one kind if given.

    Raises NotPublished if nothing ever was, NotPublishedThen, WithdrawnThen, and Moved.
    """
    found = _find(finding.FIND_AS_OF, [end, slug])
    if found is None or (kind and found.kind != kind):
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
    # As in `finding`: while a topic is withdrawn, so are its editions of before.
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
    cited = [_dated(each) for each in json.loads(flagged)]
    into = {each["key"]: kept for each in cited if (kept := each.pop("merged_into"))}
    warnings = {}
    for each in cited:
        if each["status"] != "current":
            key = into.get(each["key"], {"id": each["key"]})["id"]
            warnings[key] = each | {"key": key}
    withdrawal = Withdrawal(at, reason) if at else None
    return Reading(*columns, withdrawal, warnings, near, into)


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

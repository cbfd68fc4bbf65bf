"""What readers could find at a moment of the past, made of the editions that were current then.

Rows here are those of `Listing` and `Statement` as they would have been, and are never saved. What
is live (the retraction of a publication) is as it is today, as on the pages of old editions.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hsc_portal.filters import any_of
from references.models import Reference
from topics import documents, listed, listings
from topics.choices import EventKind
from topics.models import Edition, Event, ListedCode, Listing, PublishedSlug, Statement

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
DOCUMENTS_AT_ONCE = 50
FORM = "Give a day as 2026-11-22, of which the end (UTC) counts, or a time as 2026-11-22T13:00:00Z."


def end_of(text: str) -> datetime:
    """Return the first moment after a day or a time of the past. Raises ValueError in words."""
    try:
        if DAY.fullmatch(text):
            day = date.fromisoformat(text)
            end, is_past = end_of_day(day), day <= timezone.now().astimezone(UTC).date()
        elif MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            end, is_past = moment + timedelta(microseconds=1), moment <= timezone.now()
        else:
            raise ValueError(text)
    except (ValueError, OverflowError):
        raise ValueError(FORM) from None
    if not is_past:
        raise ValueError("This is still to come. Give today or a time before.")
    return end


def end_of_day(day: date) -> datetime:
    """Return the first moment after a day (UTC)."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def editions(end: datetime, kinds: Iterable[str] = ()) -> QuerySet[Edition]:
    """Return the editions that were current just before `end`, by the age of their topics."""
    newer = Edition.objects.filter(
        topic=OuterRef("topic"), number__gt=OuterRef("number"), published_at__lt=end
    )
    withdrawn = Event.objects.filter(
        edition=OuterRef("pk"), kind=EventKind.WITHDRAWN, created_at__lt=end
    )
    found = Edition.objects.filter(~Exists(newer), ~Exists(withdrawn), published_at__lt=end)
    found = found.filter(topic__kind__in=kinds) if kinds else found
    return found.select_related("revision").order_by("topic_id")


def of_topics(slugs: Iterable[str], end: datetime) -> QuerySet[Edition]:
    """Return the editions of some topics that were current then. Old slugs are understood."""
    named = PublishedSlug.objects.filter(topic=OuterRef("topic"), slug__in=list(slugs))
    return editions(end).filter(Exists(named))


def listing(edition: Edition) -> Listing:
    """Return what was listed of a topic when an edition was current, with its codes."""
    document = documents.read(edition.revision.document)
    row = Listing(**listings.told(edition, document))
    row.listed_codes = [{"verified": True} | code for code in document.get("codes", [])]
    return row


def codes(written: set[str], end: datetime) -> list[ListedCode]:
    """Return the codes of then that are written in one of some ways, in any case, with topics."""
    # The texts are looked through first, since each Document that fits is read whole.
    said = any_of(Q(revision__text__icontains=json.dumps(code)) for code in written)
    rows = []
    for edition in editions(end).filter(said):
        top = listing(edition)
        for code in top.listed_codes:
            if code["code"].upper() not in written:
                continue
            told = {name: code[name] for name in ("system", "code", "match", "verified")}
            row = ListedCode(**told)
            row.slug, row.title, row.kind = top.slug, top.title, top.kind
            row.edition_number = edition.number
            rows.append(row)
    return rows


def statements(found: list[Edition]) -> list[Statement]:
    """Return the statements of editions, with topic and citations as `serializers.statements`."""
    rows = []
    for edition in found:
        document, top = documents.read(edition.revision.document), listing(edition)
        for placed in listed.places_of(document):
            row = listed.statement_row(top, placed)
            row.slug, row.topic_title, row.topic_kind = top.slug, top.title, top.kind
            row.edition_number, row.reviewed_at = edition.number, top.reviewed_at
            row.cited = placed[2].get("citations", [])
            rows.append(row)
    _complete([cited for row in rows for cited in row.cited])
    return rows


def _complete(cited: list[dict]) -> None:
    """Write into citations what is known of the publications."""
    names = ("key", "title", "year", "status", "csl")
    known = Reference.objects.filter(key__in={each["key"] for each in cited}).values(*names)
    by_key = {each["key"]: each for each in known}
    for each in cited:
        each |= {"locator": each.get("locator", "")} | by_key[each["key"]]


def changed_since(end: datetime) -> QuerySet[Statement]:
    """Return the statements of now that were not there word for word just before a moment.

    A change of certainty or sources counts as well; a new place or heading does not.
    """
    touched = Edition.objects.filter(listing__isnull=False, published_at__gte=end)
    topics = list(touched.values_list("topic", flat=True))
    fresh: set[tuple[int, str]] = set()
    # A Document is large: not all are read at once.
    for start in range(0, len(topics), DOCUMENTS_AT_ONCE):
        some = topics[start : start + DOCUMENTS_AT_ONCE]
        before = {each.topic_id: each for each in editions(end).filter(topic__in=some)}
        for edition in touched.filter(topic__in=some).select_related("revision"):
            old = _by_anchor(before.get(edition.topic_id))
            said = _by_anchor(edition).items()
            fresh |= {(edition.topic_id, name) for name, new in said if old.get(name) != new}
    rows = Statement.objects.filter(listing__in=topics).values_list("listing", "anchor", "pk")
    found = [pk for topic, name, pk in rows if (topic, name) in fresh]
    return Statement.objects.filter(pk__in=found)


def _by_anchor(edition: Edition | None) -> dict[str, dict]:
    if edition is None:
        return {}
    document = documents.read(edition.revision.document)
    return {each["anchor"]: each for each in documents.all_statements(document)}

"""When what is told of editions changed last: by themselves, their sources, or what they name."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Max, QuerySet
from django.db.models.fields.json import KeyTextTransform

from topics.choices import EventKind
from topics.models import Event
from topics.reading import Reading

# Of a topic that is named: its title or its address may be another, or it may be gone.
_OF_TOPICS = (EventKind.PUBLISHED, EventKind.WITHDRAWN)


def changed(readings: Iterable[Reading], *, whole: bool = False) -> dict[int, datetime]:
    """Return, by the number of each edition, when what is told of it can have changed last.

    As many queries for one as for many. What is told `whole` has the records of its publications.
    """
    readings = list(readings)
    cited = {one.edition_id: _cited(one) for one in readings}
    named = {one.edition_id: set(one.listing.links) if one.listing else set() for one in readings}
    keys = set().union(*cited.values())
    of_references, of_records = _of_references(keys), _of_records(keys) if whole else {}
    of_topics = _of_topics(set().union(*named.values()))
    found = {}
    for one in readings:
        listed = one.listing and one.listing.published_at
        news = [of_references.get(key) for key in cited[one.edition_id]]
        news += [of_records.get(key) for key in cited[one.edition_id]]
        news += [of_topics.get(slug) for slug in named[one.edition_id]]
        found[one.edition_id] = max(filter(None, [one.edition.published_at, listed, *news]))
    return found


def _cited(reading: Reading) -> set[str]:
    """Return the keys of what an edition cites, and of what that was merged into."""
    keys = {item["id"] for item in reading.original["references"]}
    return keys | {item["id"] for item in reading.document["references"]}


def _of_references(keys: set[str]) -> dict[str, datetime]:
    events = Event.objects.filter(reference__key__in=keys)
    return _newest(events.annotate(name=F("reference__key")))


def _of_records(keys: set[str]) -> dict[str, datetime]:
    # A line about a record has no more than its key.
    events = Event.objects.filter(kind=EventKind.REFERENCE_RECORD, data__key__in=list(keys))
    return _newest(events.annotate(name=KeyTextTransform("key", "data")))


def _of_topics(slugs: set[str]) -> dict[str, datetime]:
    events = Event.objects.filter(topic__published_slugs__slug__in=slugs, kind__in=_OF_TOPICS)
    return _newest(events.annotate(name=F("topic__published_slugs__slug")))


def _newest(events: QuerySet[Event]) -> dict[str, datetime]:
    """Return the newest moment of events by their `name`."""
    rows = events.order_by().values_list("name").annotate(last=Max("created_at"))
    return dict(rows)

"""The list of pages for search engines, by the protocol of sitemaps.org.

Each page of the content stands there once: its canonical address. Those of the portal itself are
translated, so they stand there in each language. The day of a topic is that of its edition, or of
the last notice about what it cites, which its page shows at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.db.models import Max, Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from hsc_portal import languages, pages
from hsc_portal.methods import only_read
from references.models import Reference
from topics import addresses
from topics.choices import PUBLIC_EVENTS, EventKind, Kind
from topics.models import Event, Listing

# What the protocol allows in one file.
MOST = 50_000
# Programs come some times a day.
KEPT = "public, max-age=3600"
OF_PORTAL = ("home", "about", "glossary", "map", "partners", "recovery")
# The lists of topics, and of which kinds each is.
OF_TOPICS = {"topics": list(Kind)} | {
    name: [kind] for kind, name in addresses.INDEXES.items() if kind != Kind.OVERVIEW
}
STATUS = EventKind.REFERENCE_STATUS
XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass
class Place:
    """A page: its path, when it was changed last, and its path in each language if it has some."""

    path: str
    changed: datetime | None = None
    others: list[tuple[str, str]] = field(default_factory=list)


@only_read
def sitemap(request):
    """All pages, or if they are too many for one file the list of files (`?page=`)."""
    number = request.GET.get("page", "")
    make = partial(_written, pages.origin(request), request.path, number)
    response = pages.answer_kept(request, ("sitemap", _last_event()), make, ["page"])
    response.headers["Content-Type"] = "application/xml"
    response.headers["Cache-Control"] = KEPT
    return response


def _last_event() -> int | None:
    """Return the id of the last event: there is none without which a page appears or changes."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first()


def _written(origin: str, path: str, number: str) -> str:
    """Return the file of that number, "" for the first one. Raises Http404 if it is not there."""
    found = list(_places())
    files = range(1, -(-len(found) // MOST) + 1)
    if number not in {"", *map(str, files)}:
        raise Http404("There are not so many pages.")
    if len(found) > MOST and not number:
        return "".join(_index(origin + path, files))
    start = (int(number or 1) - 1) * MOST
    return "".join(_pages(origin, found[start : start + MOST]))


def _places() -> Iterator[Place]:
    changed = _changed_lists()
    for name in OF_PORTAL:
        yield from _in_each_language(name)
    for name, kinds in OF_TOPICS.items():
        yield from _in_each_language(name, _latest(changed.get(kind) for kind in kinds))
    news = Event.objects.filter(kind__in=PUBLIC_EVENTS).aggregate(last=Max("created_at"))["last"]
    yield from _in_each_language("whats_new", news)
    yield from _in_each_language("references")
    noticed = Max("edition__citations__reference__events__created_at",
                  filter=Q(edition__citations__reference__events__kind=STATUS))  # fmt: skip
    topics = Listing.objects.annotate(noticed=noticed).order_by("pk")
    for slug, *moments in topics.values_list("slug", "published_at", "noticed"):
        yield Place(languages.permanent("topic", slug), _latest(moments))
    noticed = Max("events__created_at", filter=Q(events__kind=STATUS))
    listed = Reference.objects.listed().annotate(noticed=noticed).order_by("pk")
    for key, changed_at in listed.values_list("key", "noticed"):
        yield Place(languages.permanent("reference", key), changed_at)


def _changed_lists() -> dict[str, datetime]:
    """Return when a topic of each kind was published or withdrawn last."""
    found = Event.objects.filter(kind__in=[EventKind.PUBLISHED, EventKind.WITHDRAWN])
    return dict(found.order_by().values_list("topic__kind").annotate(Max("created_at")))


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, moments), default=None)


def _in_each_language(name: str, changed: datetime | None = None) -> Iterator[Place]:
    others = []
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            others.append((code, reverse(name)))
    for _code, path in others:
        yield Place(path, changed, others)


def _pages(origin: str, found: Iterable[Place]) -> Iterator[str]:
    xhtml = "http://www.w3.org/1999/xhtml"
    yield f'{HEAD}<urlset xmlns="{XMLNS}" xmlns:xhtml="{xhtml}">\n'
    for place in found:
        day = f"<lastmod>{_moment(place.changed)}</lastmod>" if place.changed else ""
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(origin + path)}/>'
            for code, path in place.others
        )
        yield f"<url><loc>{escape(origin + place.path)}</loc>{day}{others}</url>\n"
    yield "</urlset>\n"


def _index(address: str, files: Iterable[int]) -> Iterator[str]:
    yield f'{HEAD}<sitemapindex xmlns="{XMLNS}">\n'
    for number in files:
        yield f"<sitemap><loc>{escape(address)}?page={number}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _moment(value: datetime) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds")

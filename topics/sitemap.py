"""The list of pages for search engines, by the protocol of sitemaps.org.

Each page of the content stands there once: its canonical address. Those of the portal itself are
translated, so they stand there in each language. The day of a topic is that of its edition.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.db.models import Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.views.decorators.http import require_safe

from hsc_portal import languages, pages
from references.models import Reference
from topics.choices import PUBLIC_EVENTS
from topics.models import Event, Listing

# What the protocol allows in one file.
MOST = 50_000
# Programs come some times a day.
KEPT = "public, max-age=3600"
OF_PORTAL = ("home", "about", "glossary", "map", "partners", "recovery")
OF_TOPICS = ("topics", "therapies", "agents", "conditions", "complications")
XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass
class Place:
    """A page: its path, when it was changed last, and its path in each language if it has some."""

    path: str
    changed: datetime | None = None
    others: list[tuple[str, str]] = field(default_factory=list)


@require_safe
def sitemap(request):
    """All pages, or if they are too many for one file the list of files (`?page=`)."""
    origin, found = pages.origin(request), list(_places())
    files = range(1, -(-len(found) // MOST) + 1)
    number = request.GET.get("page", "")
    if number not in {"", *map(str, files)}:
        raise Http404("There are not so many pages.")
    if len(found) > MOST and not number:
        return _answer(_index(request, origin, files))
    start = (int(number or 1) - 1) * MOST
    return _answer(_pages(origin, found[start : start + MOST]))


def _places() -> Iterator[Place]:
    newest = Listing.objects.aggregate(last=Max("published_at"))["last"]
    news = Event.objects.filter(kind__in=PUBLIC_EVENTS).aggregate(last=Max("created_at"))["last"]
    for name in OF_PORTAL:
        yield from _in_each_language(name)
    for name in OF_TOPICS:
        yield from _in_each_language(name, newest)
    yield from _in_each_language("whats_new", news)
    yield from _in_each_language("references")
    rows = Listing.objects.order_by("pk").values_list("slug", "published_at")
    for slug, published_at in rows:
        yield Place(languages.permanent("topic", slug), published_at)
    noticed = Max("events__created_at", filter=Q(events__kind__in=PUBLIC_EVENTS))
    listed = Reference.objects.listed().annotate(noticed=noticed).order_by("pk")
    for key, changed in listed.values_list("key", "noticed"):
        yield Place(languages.permanent("reference", key), changed)


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


def _index(request: HttpRequest, origin: str, files: Iterable[int]) -> Iterator[str]:
    yield f'{HEAD}<sitemapindex xmlns="{XMLNS}">\n'
    for number in files:
        yield f"<sitemap><loc>{escape(origin + request.path)}?page={number}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _moment(value: datetime) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds")


def _answer(parts: Iterable[str]) -> HttpResponse:
    """Return a file of XML, which the middleware gives an ETag of its bytes."""
    headers = {"Cache-Control": KEPT}
    return HttpResponse("".join(parts), content_type="application/xml", headers=headers)

"""What pages of the portal itself tell search engines, in the words of schema.org (JSON-LD).

Pages of topics say more: see `topics.metadata`; those of publications `references.metadata`.
"""

from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from hsc_portal import languages, pages

PORTAL = "HSC Portal"
CONTEXT = "https://schema.org"
# Of longer lists only the length is told; each row would be there twice.
MOST_ROWS = 50


def organization(origin: str) -> dict:
    """Return who publishes the pages, and where it says by which principles."""
    return {
        "@type": "Organization",
        "name": PORTAL,
        "url": f"{origin}/",
        "publishingPrinciples": origin + languages.permanent("about"),
    }


def website(request: HttpRequest) -> dict:
    """Return the portal as a whole, with how it is searched."""
    origin = pages.origin(request)
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": PORTAL,
        "url": origin + reverse("home"),
        "inLanguage": [code for code, _ in settings.LANGUAGES],
        "publisher": organization(origin),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{origin}{reverse('search')}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def page(request: HttpRequest, kind: str, name: str, **more) -> dict:
    """Return a page: a type of schema.org, as AboutPage, its name, and what else it is."""
    origin = pages.origin(request)
    return {
        "@context": CONTEXT,
        "@type": kind,
        "name": str(name),
        "url": origin + request.path,
        "inLanguage": get_language(),
        "isPartOf": {"@type": "WebSite", "name": PORTAL, "url": f"{origin}/"},
        "publisher": organization(origin),
        **more,
    }


def with_rows(found: dict, rows: Page | None) -> dict:
    """Return a page as it is shown: that of a list says how long it is, and what stands on it."""
    if not rows:
        return found
    items = list(rows)
    if len(items) > MOST_ROWS or not all(hasattr(row, "get_absolute_url") for row in items):
        items = []
    paths = (row.get_absolute_url() for row in items)
    return found | {
        "mainEntity": {
            "@type": "ItemList",
            "numberOfItems": rows.paginator.count,
            "itemListElement": list_items(found["url"], paths, rows.start_index()),
        }
    }


def list_items(page_url: str, paths: Iterable[str], first: int = 1) -> list[dict]:
    return [
        {"@type": "ListItem", "position": place, "url": urljoin(page_url, path)}
        for place, path in enumerate(paths, first)
    ]

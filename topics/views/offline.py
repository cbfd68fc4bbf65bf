"""Reading without the network: the worker that keeps copies, and the pages about them.

What is kept, and how, stands in static/js/service-worker.js.
"""

import json
import re
from functools import cache

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from hsc_portal import pages

WORKER = settings.BASE_DIR / "static/js/service-worker.js"
# How many pages a browser keeps: those visited last, and those with a star.
MOST = {"visited": 60, "starred": 200}
# For how many milliseconds the network is waited for while there is a copy.
PATIENCE = 3500
# The color of the mark in favicon.svg.
THEME = "#0b5c6b"


@require_safe
def saved(request):
    """The topics that the reader's browser keeps. Only the browser knows them."""
    return pages.answer("offline/saved.html", {"place": "saved", "most": MOST})


@require_safe
def offline(request):
    """What shows in place of a page that is not kept and cannot be reached."""
    return pages.answer("offline/offline.html")


@require_safe
def service_worker(request):
    """The worker, at the root so that it may answer for all pages."""
    script = _script.__wrapped__() if settings.DEBUG else _script()
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
def manifest(request):
    """What a browser needs to put the portal on a home screen."""
    headers = {"Cache-Control": pages.CACHE_CONTROL}
    return JsonResponse(_manifest(), content_type="application/manifest+json", headers=headers)


def _manifest() -> dict:
    return {
        "id": "/",
        "name": "HSC Portal",
        "short_name": "HSC Portal",
        "description": "An open clinical knowledge base about hematopoietic stem cells",
        "lang": "en",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": THEME,
        "background_color": "#ffffff",
        "icons": [
            _icon("favicon.svg", "any", "image/svg+xml"),
            _icon("icons/portal-192.png", "192x192"),
            _icon("icons/portal-512.png", "512x512"),
            _icon("icons/portal-maskable-512.png", "512x512") | {"purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": "All topics", "url": reverse("topics")},
            {"name": "Saved pages", "url": reverse("saved")},
        ],
    }


def _icon(name: str, sizes: str, media_type: str = "image/png") -> dict:
    return {"src": static(name), "sizes": sizes, "type": media_type}


def _about_copies(language: str) -> list[str]:
    """Return the addresses of the pages about kept copies in a language."""
    with translation.override(language):
        return [reverse("offline"), reverse("saved")]


@cache
def _script() -> str:
    """Return the worker with what it needs to know of this version of the portal."""
    codes = [code for code, _ in settings.LANGUAGES]
    frame = [address for code in codes for address in _about_copies(code)]
    shown = pages.html("offline/offline.html") + pages.html("offline/saved.html")
    # Whatever the frame of a page refers to, these pages need without the network too.
    frame += sorted(set(re.findall(rf'"({re.escape(settings.STATIC_URL)}[^"]+)"', shown)))
    build = {
        "version": pages.code_version()[:16],
        "languages": sorted(codes, key=settings.LANGUAGE_CODE.__ne__),
        "frame": frame,
        "statics": settings.STATIC_URL,
        "terms": [reverse("names"), reverse("terms")],
        "most": MOST,
        "patience": PATIENCE,
    }
    return f"self.BUILD = {json.dumps(build)};\n{WORKER.read_text()}"

"""oEmbed: from the address of a page to the frame that shows its card (oembed.com, version 1.0)."""

import re
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from hsc_portal.pages import CACHE_CONTROL, origin
from topics import citing, reading
from topics.embedding import cards

WIDTH, HEIGHT = 640, 400
LARGEST = 100_000
# For how many seconds a partner may keep an answer. What the frame shows is fresh all the same.
CACHE_AGE = 86400
PLACES = "topics|therapies|agents|conditions|complications"
_LANGUAGES = "|".join(code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
PAGE = re.compile(
    rf"(?:/(?P<language>{_LANGUAGES}))?/(?:{PLACES}|embed)/(?P<slug>[-\w]+)"
    r"(?:/editions/(?P<number>\d{1,9}))?(?:/(?P<anchor>[-\w]+))?/?",
    re.ASCII,
)
XML = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'


class Refused(Exception):
    """There is no answer, for the reason that the text says."""

    def __init__(self, status: int, detail: str):
        super().__init__(detail)
        self.status = status


@dataclass
class Asked:
    """What an address of the portal names: a topic, and of it an edition, a part, a language."""

    slug: str
    number: int | None
    anchor: str
    language: str
    day: date | None

    def find(self) -> reading.Reading:
        if self.day:
            return reading.as_of(self.slug, self.day)
        if self.number:
            return reading.edition(self.slug, self.number)
        return reading.current(self.slug)


@require_safe
def oembed(request):
    """How a page of the portal is shown on another: as a frame of a size that fits there."""
    try:
        form = request.GET.get("format", "json")
        if form not in ("json", "xml"):
            raise Refused(501, "Give json or xml as format.")
        told = _told(request)
    except Refused as refused:
        return _problem(request, refused)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": CACHE_CONTROL}
    if form == "json":
        return JsonResponse(told, headers=headers)
    rows = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in told.items())
    text = f"{XML}<oembed>{rows}</oembed>"
    return HttpResponse(text, content_type="text/xml; charset=utf-8", headers=headers)


def _told(request: HttpRequest) -> dict:
    asked = _asked(request)
    width, height = _most(request, "maxwidth", WIDTH), _most(request, "maxheight", HEIGHT)
    found = _found(asked)
    portal = origin(request)
    with translation.override(asked.language):
        address = portal + _address(found, asked)
    title = found.document["title"]
    frame = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"></iframe>',
        address, width, height, f"{title} · {citing.PORTAL}",
    )  # fmt: skip
    return {
        "type": "rich",
        "version": "1.0",
        "title": title,
        "author_name": citing.PORTAL,
        "author_url": f"{portal}/",
        "provider_name": citing.PORTAL,
        "provider_url": f"{portal}/",
        "cache_age": CACHE_AGE,
        "html": frame,
        "width": width,
        "height": height,
    }


def _asked(request: HttpRequest) -> Asked:
    """Return what the parameter `url` names. Raises Refused."""
    if not (url := request.GET.get("url", "")):
        raise Refused(400, "Give the address of a page as url.")
    unknown = Refused(404, "No topic has a page at this address.")
    try:
        parts = urlsplit(url)
        named = PAGE.fullmatch(parts.path)
        days = parse_qs(parts.query).get("as_of")
        day = date.fromisoformat(days[0]) if days else None
    except ValueError:
        raise unknown from None
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    if parts.scheme not in ("http", "https") or parts.netloc not in ours or not named:
        raise unknown
    return Asked(
        slug=named["slug"],
        number=int(named["number"] or 0) or None,
        anchor=named["anchor"] or unquote(parts.fragment),
        language=named["language"] or settings.LANGUAGE_CODE,
        day=day,
    )


def _found(asked: Asked) -> reading.Reading:
    """Return what is read at an address now. Raises Refused."""
    try:
        found = asked.find()
    except reading.Moved as moved:
        asked.slug = moved.slug
        return _found(asked)
    except (reading.NotPublished, reading.NotPublishedThen):
        raise Refused(404, "No topic was published at this address.") from None
    except reading.Withdrawn as withdrawn:
        raise Refused(410, f"The topic was withdrawn: {withdrawn.event.note}") from None
    except reading.WithdrawnThen as withdrawn:
        found = withdrawn.reading
    # A frame is of now or then; what it shows is read when it is shown.
    found.is_steady = False
    if found.withdrawal:
        raise Refused(410, f"The edition was withdrawn: {found.withdrawal.reason}")
    return found


def _address(found: reading.Reading, asked: Asked) -> str:
    """Return the path of the card. What a reader marked that is no part of the text is left out."""
    # The current one is followed, unless the address names an edition.
    is_pinned = asked.number or not found.is_current
    place = [found.slug, found.number] if is_pinned else [found.slug]
    name = "embed_edition" if is_pinned else "embed"
    if asked.anchor in cards.part_names(found.document):
        name, place = f"{name}_part", [*place, asked.anchor]
    return reverse(name, args=place)


def _most(request: HttpRequest, name: str, usual: int) -> int:
    """Return a measure of the frame: the usual one, or the most that there is room for."""
    text = request.GET.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= LARGEST):
        raise Refused(400, f"{name}: Give a whole number of pixels.")
    return min(usual, int(text))


def _problem(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return a refusal as RFC 9457 describes it, which `format` does not change."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": str(refused),
        "instance": request.get_full_path(),
    }
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": CACHE_CONTROL}
    response = JsonResponse(told, status=refused.status, headers=headers)
    response.headers["Content-Type"] = "application/problem+json"
    return response

"""oEmbed: from the address of a page to the frame that shows its card (oembed.com, version 1.0)."""

from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html

from hsc_portal.error_pages import problem_response
from hsc_portal.methods import only_read
from hsc_portal.pages import CACHE_CONTROL, origin
from hsc_portal.xml_text import writable
from topics import citing, reading
from topics.embedding import cards, naming
from topics.embedding.naming import Named
from topics.views.topics import past_day

WIDTH, HEIGHT = 640, 400
LARGEST = 100_000
# For how many seconds a partner may keep an answer. What the frame shows is fresh all the same.
CACHE_AGE = 86400
XML = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'


class Refused(Exception):
    """There is no answer, for the reason that the text says."""

    def __init__(self, status: int, detail: str):
        super().__init__(detail)
        self.status = status


@only_read
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
    rows = "".join(
        f"<{name}>{escape(writable(str(value)))}</{name}>" for name, value in told.items()
    )
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
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" '
        'frameborder="0"></iframe>',
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


def _asked(request: HttpRequest) -> Named:
    """Return what the parameter `url` names. Raises Refused."""
    if not (url := request.GET.get("url", "")):
        raise Refused(400, "Give the address of a page as url.")
    named = naming.parse(url)
    ours = {request.get_host(), urlsplit(settings.SITE_URL).netloc}
    if named is None or named.scheme not in ("http", "https") or named.host not in ours:
        raise Refused(404, "No topic has a page at this address.")
    return named


def _found(asked: Named) -> reading.Reading:
    """Return what is read at an address now. Raises Refused."""
    try:
        found = _read(asked)
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


def _read(asked: Named) -> reading.Reading:
    if asked.number is not None:
        return reading.edition(asked.slug, asked.number)
    if asked.day is None:
        return reading.current(asked.slug)
    try:
        return reading.as_of(asked.slug, past_day(asked.day))
    except ValueError as error:
        raise Refused(404, str(error)) from None


def _address(found: reading.Reading, asked: Named) -> str:
    """Return the path of the card. What a reader marked that is no part of the text is left out."""
    # The current one is followed, unless the address names an edition.
    is_pinned = asked.number is not None or not found.is_current
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
    headers = {"Cache-Control": CACHE_CONTROL}
    return problem_response(request, refused.status, str(refused), headers=headers)

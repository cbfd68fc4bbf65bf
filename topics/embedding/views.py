"""Cards to be framed on other people's pages, and the script that shows them there."""

import hashlib
import json
from functools import cache, partial, wraps

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.clickjacking import xframe_options_exempt

from hsc_portal import styles
from hsc_portal.error_pages import problem_response
from hsc_portal.methods import only_read
from hsc_portal.pages import CACHE_CONTROL, answer, answer_kept, answer_once
from hsc_portal.pages import origin as origin_of
from topics import pages, reading
from topics.embedding import cards

SCRIPT = settings.BASE_DIR / "static/js/embed.js"
# Partners name the script once and for ever, so browsers ask now and then whether it is still this.
SCRIPT_KEPT = "public, max-age=3600, stale-while-revalidate=604800"
# A card may be shown by everybody, and does nothing but be looked at.
POLICY = {
    "frame-ancestors": ["*"],
    "script-src": [NONE],
    "connect-src": [NONE],
    "manifest-src": [NONE],
    "worker-src": [NONE],
    "form-action": [NONE],
}
FAILED = "Something went wrong on this side. It was logged."
TAKEN_BY_EVERYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FRAMED_BY_EVERYBODY = TAKEN_BY_EVERYBODY | {
    # A page that lets in only what asks to be let in frames only what does the same.
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def framed(view):
    """Let everybody frame and fetch what a view answers, whatever it is."""

    @only_read
    @xframe_options_exempt
    @csp_replace(POLICY)
    @wraps(view)
    def answering(request, slug, **asked):
        try:
            response = view(request, slug, **asked)
        except reading.Moved as moved:
            response = _lead_on(request, slug=moved.slug, **asked)
        except reading.Withdrawn as withdrawn:
            event = withdrawn.event
            response = _gone(request, slug, withdrawn.edition, event.created_at, event.note)
        except (reading.NotPublished, cards.NoPart):
            response = _unknown(request, slug, asked)
        except SuspiciousOperation:
            # The frame of Django answers what nobody sends by mistake.
            raise
        except Exception:
            # The page about it may not be framed, so the reader would see nothing at all.
            response = problem_response(request, 500, FAILED)
        return _with(response, FRAMED_BY_EVERYBODY)

    return answering


def _with(response: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response.headers[name] = value
    return response


@framed
def card(request, slug, number=None, anchor=""):
    """A topic in short, or a section or statement of it; of one edition if `number` says which."""
    find = (
        partial(reading.edition, slug, number)
        if number is not None
        else partial(reading.current, slug)
    )
    return reading.steadily(find, partial(_answer, request, anchor))


def _answer(request, anchor: str, found: reading.Reading) -> HttpResponse:
    if found.withdrawal:
        gone = found.withdrawal
        return _gone(request, found.slug, found.edition, gone.at, gone.reason)
    origin = origin_of(request)
    make = partial(cards.page, found, origin, anchor)
    if not found.is_steady:
        return answer_once(make)
    return answer_kept(request, ("card", *pages.key(found, origin)), make)


def _gone(request, slug: str, edition, at, reason: str) -> HttpResponse:
    title = reading.documents.read(edition.revision.document)["title"]
    history = origin_of(request) + reverse("history", args=[slug])
    context = {"title": title, "history": history, "at": at, "reason": reason}
    return answer("embed/gone.html", context, status=410)


def _unknown(request, slug: str, asked: dict) -> HttpResponse:
    """Say that there is nothing; of a part that an edition lacks, where the edition is."""
    page = ""
    if asked.get("anchor"):
        page = reverse("edition", args=[slug, asked["number"]]) if "number" in asked else ""
        page = page or reverse("topic", args=[slug])
    return answer("embed/unknown.html", {"page": page}, status=404)


def _lead_on(request, **named) -> HttpResponse:
    address = reverse(request.resolver_match.view_name, kwargs=named)
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": CACHE_CONTROL})


@only_read
def script(request):
    """The script that shows cards on a page, with the style that they have there."""
    text = _script.__wrapped__() if settings.DEBUG else _script()
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    told = {"ETag": etag, "Cache-Control": SCRIPT_KEPT} | TAKEN_BY_EVERYBODY
    return _with(response, told)


@cache
def _script() -> str:
    style = json.dumps(styles.written("card"), ensure_ascii=False)
    codes = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    text = SCRIPT.read_text()
    return text.replace('"{STYLE}"', style).replace('"{LANGUAGES}"', json.dumps(codes))

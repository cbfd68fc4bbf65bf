"""A draft for somebody without an account, by a link that works for a limited time.

Nothing here touches a session, and nothing may be kept by any cache or found by a search engine.
"""

from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from hsc_portal.pages import html, origin
from topics.desk import draft_pages, draftlinks
from topics.views import figures

# The address is the key, so no other site may learn it from a link that is followed there.
PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


@require_safe
def draft(request, token):
    """The draft that a link shows. Asking for the head alone, as mail filters do, is no opening."""
    look = draftlinks.open_link if request.method == "GET" else draftlinks.find
    try:
        link = look(token)
    except draftlinks.Unknown as error:
        raise Http404("There is no such link.") from error
    except draftlinks.Over as error:
        return _answer(html("topics/draft_over.html", {"link": error.link}), status=410)
    banner = {"link": link, "is_latest": link.revision is None}
    return _answer(
        draft_pages.page(draftlinks.shown(link), origin(request), partial(_figure, token), banner)
    )


@require_safe
def figure(request, token, sha256, kind):
    """A picture of the draft that a link shows, and no other."""
    try:
        link = draftlinks.find(token)
    except (draftlinks.Unknown, draftlinks.Over) as error:
        raise Http404("There is no such link, or it works no longer.") from error
    if (sha256, kind) not in draft_pages.pictures(draftlinks.shown(link)):
        raise Http404("The draft does not show this picture.")
    return figures.answer(request, sha256, kind, PRIVATE["Cache-Control"])


def _figure(token: str, sha256: str, kind: str) -> str:
    return reverse("draft_figure", args=[token, sha256, kind])


def _answer(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, headers=PRIVATE)

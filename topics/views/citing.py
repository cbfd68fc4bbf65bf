"""Citing an edition: in words to copy, and as files for reference managers."""

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpResponse

from hsc_portal.pages import answer_kept, answer_once, bad_values, html
from hsc_portal.pages import origin as origin_of
from references.downloads import DOWNLOADS, form_of
from references.styles import DEFAULT, STYLES, unknown_style
from topics import citing, metadata, pages, reading
from topics.views.topics import finds_topic


@finds_topic
def cite(request, slug, number):
    """How one edition is cited, in the styles that journals ask for."""

    def make(*found) -> str:
        return html("topics/citing.html", _context(*found))

    return _answer(request, slug, number, "cite", make)


def _context(found: reading.Reading, origin: str) -> dict:
    return {
        "place": "topics",
        "slug": found.slug,
        "edition": found.edition,
        "document": found.document,
        "is_current": found.is_current,
        "standing": pages.standing(found),
        "citations": citing.printed(found, origin),
        "coins": metadata.coins(found, origin),
        "formats": DOWNLOADS,
        "styles": STYLES,
        "flagged": len(found.flagged),
    }


@finds_topic
def cite_file(request, slug, number, ending):
    """One edition as an entry for a reference manager."""
    return _file(request, slug, number, ending, "", lambda *found: [citing.item(*found)])


@finds_topic
def references_file(request, slug, number, ending):
    """All publications that one edition cites, for a reference manager."""
    name = "-references"
    return _file(request, slug, number, ending, name, lambda found, _: citing.references(found))


def _file(request, slug: str, number: int, ending: str, name: str, items: Callable):
    """Return items of an edition as a file to download, in the format of its ending."""
    if ending not in DOWNLOADS:
        raise Http404("There is no such format.")
    style = request.GET.get("style") or DEFAULT
    if style not in STYLES:
        return bad_values(request, {"style": [unknown_style(style)]})
    form, kept_as = form_of(ending, style), f"cite{name}.{ending} {style}"
    response = _answer(request, slug, number, kept_as, lambda *found: form.write(items(*found)))
    if response.status_code == 200:
        file = f"hsc-portal-{slug}-edition-{number}{name}.{ending}"
        response.headers["Content-Type"] = form.content_type
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _answer(request, slug: str, number: int, name: str, make: Callable) -> HttpResponse:
    """Return what `make` makes of an edition and of the portal's address, of one moment."""
    origin = origin_of(request)

    def answering(found: reading.Reading) -> HttpResponse:
        key = (name, origin, found.edition_id, found.state)
        making = partial(make, found, origin)
        return answer_kept(request, key, making) if found.is_steady else answer_once(making)

    return reading.steadily(partial(reading.edition, slug, number), answering)

"""Topics: their pages, of now and of before, and their indexes."""

import re
from datetime import date
from functools import partial, wraps
from operator import attrgetter

from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hsc_portal import schema_org
from hsc_portal.lists import Short
from hsc_portal.pages import (
    CACHE_CONTROL,
    answer,
    answer_kept,
    answer_list,
    answer_once,
    bad_values,
    html,
)
from hsc_portal.pages import origin as origin_of
from references.styles import DEFAULT, STYLES, unknown_style
from topics import metadata, openings, pages, reading
from topics.choices import PLURALS
from topics.filters import TopicFilter
from topics.models import Edition, Listing

OFFERED = ("q", "kind", "category", "area", "certainty", "reviewed")
SHOWN = ("slug", "kind", "title", "areas", "summary", "certainties", "statement_count",
         "uncited_count", "reviewed_at", "next_review", "published_at")  # fmt: skip
FROM_A_TO_Z = Short(attrgetter("title"), order=("title", "pk"))


def finds_topic(view):
    """Let a view raise what `topics.reading` raises, and answer in its place."""

    @require_safe
    @wraps(view)
    def answering(request, slug, **rest):
        try:
            return view(request, slug, **rest)
        except reading.Moved as moved:
            return _lead_on(request, slug=moved.slug, **rest)
        except reading.Withdrawn as withdrawn:
            return _gone(slug, withdrawn)
        except reading.NotPublished as error:
            raise Http404(f"No topic was ever published as “{slug}”.") from error

    return answering


def _lead_on(request, **named):
    """Return the redirect to the same page of a topic that is elsewhere now."""
    address = reverse(request.resolver_match.view_name, kwargs=named)
    address += f"?{query}" if (query := request.META["QUERY_STRING"]) else ""
    # Without this browsers would keep it for good, and go round if a name comes back.
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": CACHE_CONTROL})


@finds_topic
def detail(request, slug):
    """The current edition of a topic, or the one that was current on a day (`?as_of=`)."""
    if "as_of" in request.GET:
        return _as_of(request, slug)
    page = _page(request, partial(reading.current, slug))
    openings.note(request, slug)
    return page


@finds_topic
def edition(request, slug, number):
    """One edition for ever, with a banner if it is not the current one."""
    return _page(request, partial(reading.edition, slug, number), is_permanent=True)


@require_safe
def index(request, *, filterset=TopicFilter, kind="", place="topics"):
    """What is published, of every kind or of one, filtered by the words of the address."""
    listings = Listing.objects.only(*SHOWN)
    filters = filterset(request.GET, queryset=listings.filter(kind=kind) if kind else listings)
    context = {"place": place, "heading": PLURALS.get(kind, ""), "row": "topics/row.html"}
    name = PLURALS.get(kind) or _("All topics")
    context["schema"] = schema_org.page(request, "CollectionPage", name)
    context["feed"] = reverse(f"feed-{kind}") if kind else ""
    return answer_list(request, filters, "topics/list.html", context, OFFERED, short=FROM_A_TO_Z)


def _as_of(request, slug: str):
    """Return the page of the edition that was current at the end of a day, or why there is none."""
    try:
        day = past_day(request.GET["as_of"])
    except ValueError as error:
        return bad_values(request, {"as_of": [str(error)]})
    try:
        return _page(request, partial(reading.as_of, slug, day), as_of=day)
    except reading.NotPublishedThen as error:
        return _not_published_then(slug, day, error.first)
    except reading.WithdrawnThen as error:
        return _withdrawn_then(day, error.reading)


def _not_published_then(slug: str, day: date, first: Edition):
    title = reading.documents.read(first.revision.document)["title"]
    context = {"slug": slug, "title": title, "as_of": day, "edition": first}
    return answer("topics/not_published_then.html", context, status=404)


def _withdrawn_then(day: date, found: reading.Reading):
    context = {"title": found.document["title"], "as_of": day, "reading": found}
    return answer("topics/withdrawn_then.html", context, status=410)


def past_day(text: str) -> date:
    """Return the day that `2026-11-22` names. Raises ValueError in words for the reader."""
    form = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)
    try:
        day = date.fromisoformat(text if form else "")
    except ValueError:
        raise ValueError(_("Enter a day as year, month and day, like 2026-11-22.")) from None
    if day > timezone.localdate():
        raise ValueError(_("This day is still to come. Enter today or a day before."))
    return day


def _page(request, find, *, is_permanent=False, as_of: date | None = None):
    """Return the page of the edition that `find` finds."""
    origin, style = origin_of(request), request.GET.get("style") or DEFAULT
    if style not in STYLES:
        return bad_values(request, {"style": [unknown_style(style)]})

    def answering(found: reading.Reading):
        found.style = style
        make = partial(_html, found, origin, is_permanent, as_of)
        key = (is_permanent, as_of, *pages.key(found, origin))
        if not found.is_steady:
            return answer_once(make)
        return answer_kept(request, key, make, ["as_of", "style"])

    return reading.steadily(find, answering)


def _html(found: reading.Reading, origin: str, is_permanent: bool, as_of: date | None) -> str:
    shown = pages.context(found, origin) | {"is_permanent": is_permanent, "as_of": as_of}
    shown["styles"] = pages.style_menu(found.style, as_of)
    shown["metadata"] = metadata.of_page(found, origin)
    if as_of:
        # It is found again at the address of its edition, and not at this one.
        shown["is_current"] = False
    return html("topics/detail.html", shown)


def _gone(slug: str, withdrawn: reading.Withdrawn):
    title = reading.documents.read(withdrawn.edition.revision.document)["title"]
    context = {"slug": slug, "title": title, "event": withdrawn.event, "edition": withdrawn.edition}
    return answer("errors/410.html", context, status=410)

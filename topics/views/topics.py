"""Topics: their pages, editions and indexes."""

from functools import partial, wraps

from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from hsc_portal.pages import CACHE_CONTROL, answer, answer_kept, answer_list, answer_once, html
from topics import pages, reading
from topics.choices import Kind
from topics.filters import TopicFilter
from topics.models import Listing

OFFERED = ("q", "kind", "category", "area", "certainty", "reviewed")
SHOWN = ("slug", "kind", "title", "areas", "summary", "certainties", "statement_count",
         "uncited_count", "reviewed_at", "next_review", "published_at")  # fmt: skip


def finds_topic(view):
    """Let a view raise what `topics.reading` raises, and answer in its place."""

    @require_safe
    @wraps(view)
    def answering(request, slug, **rest):
        try:
            return view(request, slug, **rest)
        except reading.Moved as moved:
            name = request.resolver_match.view_name
            address = reverse(name, kwargs={"slug": moved.slug, **rest})
            # Without this browsers would keep it for good, and go round if a name comes back.
            headers = {"Cache-Control": CACHE_CONTROL}
            return HttpResponsePermanentRedirect(address, headers=headers)
        except reading.Withdrawn as withdrawn:
            return _gone(slug, withdrawn)
        except reading.NotPublished as error:
            raise Http404(f"No topic was ever published as “{slug}”.") from error

    return answering


@finds_topic
def detail(request, slug):
    """The current edition of a topic."""
    return _page(request, partial(reading.current, slug))


@finds_topic
def edition(request, slug, number):
    """One edition for ever, with a banner if it is not the current one."""
    return _page(request, partial(reading.edition, slug, number), is_permanent=True)


@finds_topic
def history(request, slug):
    """All editions of a topic, newest first."""
    editions = reading.history(slug)
    title = reading.documents.read(editions[0].revision.document)["title"]
    context = {"place": "topics", "slug": slug, "title": title, "editions": editions}
    return answer("topics/history.html", context)


@require_safe
def index(request, *, filterset=TopicFilter, kind="", place="topics"):
    """What is published, of every kind or of one, filtered by the words of the address."""
    listings = Listing.objects.only(*SHOWN)
    filters = filterset(request.GET, queryset=listings.filter(kind=kind) if kind else listings)
    context = {"place": place, "kind": Kind(kind) if kind else "", "row": "topics/row.html"}
    return answer_list(request, filters, "topics/list.html", context, OFFERED)


def _page(request, find, *, is_permanent=False):
    """Return the page of the edition that `find` finds."""
    origin = request.build_absolute_uri("/").rstrip("/")

    def answering(found: reading.Reading):
        def make() -> str:
            shown = pages.context(found, origin)
            return html("topics/detail.html", shown | {"is_permanent": is_permanent})

        key = (is_permanent, *pages.key(found, origin))
        return answer_kept(request, key, make) if found.is_steady else answer_once(make)

    return reading.steadily(find, answering)


def _gone(slug: str, withdrawn: reading.Withdrawn):
    title = reading.documents.read(withdrawn.edition.revision.document)["title"]
    context = {"slug": slug, "title": title, "event": withdrawn.event, "edition": withdrawn.edition}
    return answer("errors/410.html", context, status=410)

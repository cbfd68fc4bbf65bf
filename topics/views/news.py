"""What is new: a page with filters, and Atom feeds of everything or of one topic."""

from django.db.models import CharField, F, JSONField, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hsc_portal import languages, schema_org
from hsc_portal.methods import only_read
from hsc_portal.pages import answer_kept, answer_list, bad_values, origin
from topics import addresses, news, reading
from topics.choices import PLURALS
from topics.feeds import NewsFeed
from topics.filters import NewsFilter
from topics.models import Edition, Event, PublishedSlug
from topics.views.topics import finds_topic

OFFERED = ("change", "area", "kind", "since")


@require_safe
def index(request):
    """What was published, withdrawn, noticed and explained, newest first."""
    filters = NewsFilter(request.GET, queryset=news.once())
    schema = schema_org.page(request, "CollectionPage", _("What’s new"))
    context = {"place": "whats_new", "query": _query(request), "schema": schema}
    return answer_list(request, filters, "topics/news/list.html", context, OFFERED, news.tell)


@only_read
def feed(request):
    """The same as a feed, with the same filters."""
    filters = NewsFilter(request.GET, queryset=news.once())
    if not filters.is_valid():
        return bad_values(request, filters.errors, filters.form)
    latest = _events().values_list("pk", "created_at").first()
    page = reverse("whats_new") + _query(request)
    made = NewsFeed(filters.qs, "HSC Portal: what is new", "Editions, notices and terms", page)
    return _answer(request, made, *(latest or (0, None)), asked=NewsFilter.base_filters)


@only_read
def kind_feed(request, kind):
    """What is new of all topics of a kind, and of what they cite."""
    filters = NewsFilter(QueryDict(f"kind={kind}"), queryset=news.once())
    latest = _events().values_list("pk", "created_at").first()
    title = f"HSC Portal: what is new among {languages.in_sentence(PLURALS[kind])}"
    subtitle = "Editions, and notices about publications that are cited"
    made = NewsFeed(filters.qs, title, subtitle, addresses.index_of(kind))
    return _answer(request, made, *(latest or (0, None)))


@only_read
@finds_topic
def topic_feed(request, slug):
    """What is new of one topic and of what it cites; also that it was withdrawn."""
    found = _topic(slug)
    subtitle = "Editions of this topic, and notices about publications that it cites"
    page = reverse("topic", args=[slug])
    events = news.of_topic(found.topic_id, found.edition)
    made = NewsFeed(events, f"{found.title}: what is new", subtitle, page)
    return _answer(request, made, found.latest, found.latest_at)


def _topic(slug: str) -> PublishedSlug:
    """Return an address with what a feed must know of its topic, all with one query.

    Raises NotPublished, and Moved if the topic is at another address now.
    """
    last = Edition.objects.filter(topic=OuterRef("topic")).order_by("-number")
    title = last.values(title=KeyTextTransform("title", Cast("revision__text", JSONField())))
    found = PublishedSlug.objects.annotate(
        listed_at=F("topic__listing__slug"),
        edition=F("topic__listing__edition"),
        title=Coalesce("topic__listing__title", Subquery(title[:1]), output_field=CharField()),
        latest=Subquery(_events().values("pk")[:1]),
        latest_at=Subquery(_events().values("created_at")[:1]),
    )
    address = found.filter(slug=slug).first()
    if address is None:
        raise reading.NotPublished(slug)
    if address.listed_at not in {None, slug}:
        raise reading.Moved(address.listed_at)
    return address


def _events():
    """Return all events: names of publications change by others than readers are told of."""
    return Event.objects.order_by("-pk")


def _answer(request, made: NewsFeed, latest: int, latest_at, asked=()) -> HttpResponse:
    """Return a feed. What it says changes only with a new event, of which `latest` is the id.

    `asked` names the parts of the query that it depends on.
    """
    address = languages.address_with(request, asked)
    # Titles and who cites what change by events too, though not always by those it has.
    key = ("feed", latest, origin(request))
    response = answer_kept(request, key, lambda: made.atom(request, address), asked)
    response.headers["Content-Type"] = made.feed_type.content_type
    if latest_at:
        response.headers["Last-Modified"] = http_date(latest_at.timestamp())
    return response


def _query(request) -> str:
    """Return the filters of an address, to be put behind that of another page."""
    return languages.address_with(request, NewsFilter.base_filters).removeprefix(request.path)

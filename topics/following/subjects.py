"""What can be followed, and what it is called. Names are the published ones, never a draft's."""

from dataclasses import dataclass

from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hsc_portal import languages
from topics import addresses, documents
from topics.choices import Area
from topics.models import Edition, Listing, PublishedSlug, Subscription


class NotPublished(Exception):
    """No topic was ever published at the address."""


@dataclass(frozen=True)
class Subject:
    """One topic, one area, or everything; `address` is where it is read, `feed` its Atom feed.

    `name` stands amid a sentence; for a topic it is the `title` in quotes.
    """

    name: str
    address: str
    feed: str
    topic_id: int | None = None
    area: str = ""
    title: str = ""

    @property
    def html(self) -> SafeString:
        """The name, in which a title is marked as being in the language of the content."""
        if not self.title:
            return format_html("{}", self.name)
        return format_html(_quoted(), title=languages.content(self.title))


EVERYTHING = Subject(
    gettext_lazy("everything in HSC Portal"), reverse_lazy("topics"), reverse_lazy("whats_new_feed")
)


def of_area(area: str) -> Subject:
    name = _("all topics in the area “{area}”").format(area=Area(area).label)
    query = f"?area={area}"
    return Subject(name, reverse("topics") + query, reverse("whats_new_feed") + query, area=area)


def at(slug: str) -> Subject:
    """Return the topic at an address, also if it is withdrawn now. Raises NotPublished."""
    topic_id = PublishedSlug.objects.filter(slug=slug).values_list("topic_id", flat=True).first()
    if topic_id is None:
        raise NotPublished(slug)
    return of_topics({topic_id})[topic_id]


def of_topics(topic_ids: set[int]) -> dict[int, Subject]:
    """Return the subjects of topics that were published, by the id of the topic."""
    listings = Listing.objects.filter(pk__in=topic_ids).values_list("pk", "title", "slug")
    titles = {pk: (title, slug) for pk, title, slug in listings}
    withdrawn = topic_ids - titles.keys()
    if withdrawn:
        editions = Edition.objects.filter(topic__in=withdrawn).select_related("revision")
        for edition in editions.order_by("number"):
            document = documents.read(edition.revision.document)
            titles[edition.topic_id] = (document["title"], document["slug"])
    return {
        pk: Subject(
            _quoted().format(title=title),
            addresses.of_topic(slug),
            reverse("topic_feed", args=[slug]),
            topic_id=pk,
            title=title,
        )
        for pk, (title, slug) in titles.items()
    }


def _quoted() -> str:
    # Translators: the title of a topic in quotation marks.
    return _("“{title}”")


def of(subscriptions: list[Subscription]) -> list[Subject]:
    """Return what each of the subscriptions is to."""
    topics = of_topics({each.topic_id for each in subscriptions if each.topic_id})
    return [
        topics[each.topic_id] if each.topic_id else of_area(each.area) if each.area else EVERYTHING
        for each in subscriptions
    ]

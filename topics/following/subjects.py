"""What can be followed, and what it is called. Names are the published ones, never a draft's."""

from dataclasses import dataclass

from topics import documents
from topics.choices import Area
from topics.models import Edition, Listing, PublishedSlug, Subscription


class NotPublished(Exception):
    """No topic was ever published at the address."""


@dataclass(frozen=True)
class Subject:
    """One topic, one area, or everything; `address` is where it is read, `feed` its Atom feed."""

    name: str
    address: str
    feed: str
    topic_id: int | None = None
    area: str = ""


EVERYTHING = Subject("everything in HSC Portal", "/topics/", "/whats-new/feed.atom")


def of_area(area: str) -> Subject:
    name = f"all topics in the area “{Area(area).label}”"
    return Subject(name, f"/topics/?area={area}", f"/whats-new/feed.atom?area={area}", area=area)


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
        pk: Subject(f"“{title}”", f"/topics/{slug}/", f"/topics/{slug}/feed.atom", topic_id=pk)
        for pk, (title, slug) in titles.items()
    }


def of(subscriptions: list[Subscription]) -> list[Subject]:
    """Return what each of the subscriptions is to."""
    topics = of_topics({each.topic_id for each in subscriptions if each.topic_id})
    return [
        topics[each.topic_id] if each.topic_id else of_area(each.area) if each.area else EVERYTHING
        for each in subscriptions
    ]

"""The way of a patient through a transplant: eight stops, each leading into its topic."""

from dataclasses import dataclass, replace

from topics import addresses
from topics.models import PublishedSlug


@dataclass(frozen=True)
class Stop:
    """A stop: its name, what happens there, and its topic. `address` is "" if that is unpublished.

    `picture` is the template that draws it.
    """

    name: str
    words: str
    slug: str
    picture: str
    is_day_zero: bool = False
    address: str = ""
    title: str = ""


def _stop(name: str, words: str, slug: str, **more) -> Stop:
    picture = name.lower().replace(" ", "_")
    return Stop(name, words, slug, f"charts/stops/{picture}.svg.html", **more)


STOPS = (
    _stop("Evaluation", "Is it right, and whose cells?", "donor-selection"),
    _stop("Mobilization", "Stem cells move into the blood", "stem-cell-mobilization"),
    _stop("Collection", "The cells are gathered", "collection-and-cell-sources"),
    _stop("Conditioning", "The marrow is made ready", "conditioning"),
    _stop("Infusion", "Day 0: the cells are given", "stem-cell-transplantation", is_day_zero=True),
    _stop("Engraftment", "They settle, and counts return", "engraftment"),
    _stop("Recovery", "Immunity is rebuilt", "immune-reconstitution"),
    _stop("Life after", "Follow-up for life", "life-after-transplantation"),
)


def stops() -> list[Stop]:
    """Return the stops as they can be followed now, with one query."""
    slugs = [stop.slug for stop in STOPS]
    found = PublishedSlug.objects.filter(slug__in=slugs, topic__listing__isnull=False)
    columns = found.values_list("slug", "topic__listing__slug", "topic__listing__title")
    return along({slug: (listed_at, title) for slug, listed_at, title in columns})


def along(published: dict[str, tuple[str, str]]) -> list[Stop]:
    """Return all stops. `published` has present slug and title by the slug that a stop names."""
    return [
        _found(stop, *published[stop.slug]) if stop.slug in published else stop for stop in STOPS
    ]


def _found(stop: Stop, slug: str, title: str) -> Stop:
    return replace(stop, address=addresses.of_topic(slug), title=title)

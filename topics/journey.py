"""The way of a patient through a transplant: eight stops, each leading into its topic."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


def _stop(picture: str, name: str, words: str, slug: str, **more) -> Stop:
    return Stop(name, words, slug, f"charts/stops/{picture}.svg.html", **more)


STOPS = (
    _stop("evaluation", _("Evaluation"), _("Is it right, and whose cells?"), "donor-selection"),
    _stop("mobilization", _("Mobilization"), _("Stem cells move into the blood"),
          "stem-cell-mobilization"),
    _stop("collection", _("Collection"), _("The cells are gathered"),
          "collection-and-cell-sources"),
    _stop("conditioning", _("Conditioning"), _("The marrow is made ready"), "conditioning"),
    _stop("infusion", _("Infusion"), _("Day 0: the cells are given"), "stem-cell-transplantation",
          is_day_zero=True),
    _stop("engraftment", _("Engraftment"), _("They settle, and counts return"), "engraftment"),
    # Translators: the time after the engraftment of a transplant, when immunity returns.
    _stop("recovery", pgettext_lazy("stop of a transplant", "Recovery"), _("Immunity is rebuilt"),
          "immune-reconstitution"),
    # Translators: the years after a transplant.
    _stop("life_after", _("Life after"), _("Follow-up for life"), "life-after-transplantation"),
)  # fmt: skip
SLUGS = tuple(stop.slug for stop in STOPS)


def published(slugs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return present slug and title of those topics that are published, by the slug asked for."""
    found = PublishedSlug.objects.filter(slug__in=slugs, topic__listing__isnull=False)
    columns = found.values_list("slug", "topic__listing__slug", "topic__listing__title")
    return {asked: (slug, title) for asked, slug, title in columns}


def along(published: dict[str, tuple[str, str]]) -> list[Stop]:
    """Return all stops, with links to what is published. See the function of that name."""
    return [
        _found(stop, *published[stop.slug]) if stop.slug in published else stop for stop in STOPS
    ]


def _found(stop: Stop, slug: str, title: str) -> Stop:
    return replace(stop, address=addresses.of_topic(slug), title=title)

"""Relevant publications: what related topics rest on and a topic itself does not cite.

Keys alone are derived, when topics are published. What a reader is told of the publications, a
retraction above all, is read when the page is (`topics.reading`).
"""

from collections import Counter
from collections.abc import Iterable

from references.models import Reference, StudyType
from topics.models import Listing

MOST = 5
# Guidance and what gathers other studies first, then studies by how little chance they leave.
STRONGEST_FIRST = (
    StudyType.GUIDELINE, StudyType.SYSTEMATIC_REVIEW, StudyType.RANDOMIZED_TRIAL, StudyType.TRIAL,
    StudyType.COHORT, StudyType.REGISTRY, StudyType.CONSENSUS, StudyType.REGULATORY,
    StudyType.REVIEW, StudyType.CASE_REPORT, StudyType.LABORATORY, StudyType.OTHER,
)  # fmt: skip


def of_neighbors(listings: Iterable[Listing]) -> dict[int, list[str]]:
    """Return by listing the keys of publications that those in its `related` cite and it does not.

    The strongest kind of study comes first, in it what most of them cite, and then the newest; at
    most `MOST` of them.
    """
    listings = list(listings)
    near = {listing.pk: _neighbors(listing) for listing in listings}
    cited = _cited(set().union(*near.values(), [listing.slug for listing in listings]))
    wanted = {
        listing.pk: Counter(
            key
            for slug in near[listing.pk]
            for key in cited.get(slug, set()) - cited.get(listing.slug, set())
        )
        for listing in listings
    }
    known = _studies(set().union(*wanted.values()))
    return {pk: _first(counted, known) for pk, counted in wanted.items()}


def _first(counted: Counter[str], known: dict[str, tuple[int, int]]) -> list[str]:
    """Return the keys that come first. One that was deleted since is not known."""

    def place(key: str) -> tuple:
        strength, year = known[key]
        return strength, -counted[key], -year, key

    return sorted(counted.keys() & known.keys(), key=place)[:MOST]


def _neighbors(listing: Listing) -> set[str]:
    return {topic["slug"] for group in listing.related for topic in group["topics"]}


def _cited(slugs: set[str]) -> dict[str, set[str]]:
    """Return by slug the keys of all that a published topic cites."""
    found = Listing.objects.filter(slug__in=slugs, facets__has_key="reference")
    return {slug: set(keys) for slug, keys in found.values_list("slug", "facets__reference")}


def _studies(keys: set[str]) -> dict[str, tuple[int, int]]:
    """Return by key the place of its kind of study among all, and its year."""
    found = Reference.objects.listed().filter(key__in=keys).order_by()
    return {
        key: (STRONGEST_FIRST.index(study_type), year or 0)
        for key, study_type, year in found.values_list("key", "study_type", "year")
    }

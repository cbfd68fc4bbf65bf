"""The pages of the reference library: a list with filters, and each publication by itself."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hsc_portal import pages
from hsc_portal.lists import Short
from references.filters import ReferenceFilter
from references.models import Reference

OFFERED = ("q", "study_type", "status", "year_min", "year_max")
# By who wrote it first, or by its title where nobody is named, as the whole list is ordered.
FROM_A_TO_Z = Short(lambda reference: reference.authors.partition(",")[0] or reference.title)


@require_safe
def index(request):
    """The library, filtered by the words of the address."""
    filters = ReferenceFilter(request.GET, queryset=Reference.objects.by_author())
    context = {"place": "references", "row": "references/row.html"}
    return pages.answer_list(
        request, filters, "references/list.html", context, OFFERED, short=FROM_A_TO_Z
    )


@require_safe
def detail(request, key):
    """One publication, and where it is cited now."""
    reference = get_object_or_404(Reference, key=key)
    context = {
        "place": "references",
        "reference": reference,
        "shown": reference.shown,
        "topics": cited_by(reference),
    }
    return pages.answer("references/detail.html", context)


def cited_by(reference: Reference) -> list[dict]:
    """Return the topics that cite a publication now, each with the statements that do.

    A topic without such a statement cites it in a table or in its facts.
    """
    topics = {
        edition.listing.pk: {"listing": edition.listing, "citations": []}
        for edition in _current_editions(reference)
    }
    for citation in reference.statement_citations.select_related("statement").order_by(
        "statement__listing", "statement__position", "position"
    ):
        topics[citation.statement.listing_id]["citations"].append(citation)
    return list(topics.values())


def _current_editions(reference: Reference) -> QuerySet:
    return (
        reference.editions.filter(listing__isnull=False)
        .select_related("listing")
        .only("listing__slug", "listing__title", "listing__kind")
        .order_by("listing__title", "listing__pk")
    )

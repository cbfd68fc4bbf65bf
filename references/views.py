"""The pages of the reference library: a list with filters, and each publication by itself."""

from collections.abc import Iterable
from functools import partial

from django.db.models import QuerySet
from django.http import Http404, HttpResponsePermanentRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hsc_portal import languages, lists, pages, schema_org
from hsc_portal.lists import Short
from references import facets, metadata, typesetting
from references.downloads import DOWNLOADS, form_of, in_style, items_of
from references.filters import ReferenceFilter
from references.models import Reference
from references.shown import abstract
from references.styles import DEFAULT, STYLES, unknown_style

OFFERED = ("q",)
# By who wrote it first, or by its title where nobody is named, as the whole list is ordered.
FROM_A_TO_Z = Short(lambda reference: reference.authors.partition(",")[0] or reference.title)


@require_safe
def index(request):
    """The library, filtered by the words of the address."""
    filters = ReferenceFilter(request.GET, queryset=Reference.objects.listed().by_author())
    context = {
        "place": "references",
        "row": "references/row.html",
        "downloads": DOWNLOADS,
        "query": lists.address(request, view=""),
        "schema": schema_org.page(request, "CollectionPage", _("References")),
    }
    return pages.answer_list(
        request, filters, "references/list.html", context, OFFERED, short=FROM_A_TO_Z,
        beside=partial(_facets, request),
    )  # fmt: skip


def _facets(request, filters: ReferenceFilter) -> dict:
    """Return what the list can be narrowed to, each choice with its address, and its length."""
    total, found = facets.read(filters)
    return {"total": total, "facets": [(one, facets.offers(request, one)) for one in found]}


@require_safe
def detail(request, key):
    """One publication in the style that was asked for, and where it is cited now."""
    style = request.GET.get("style") or DEFAULT
    if style not in STYLES:
        return _no_style(request, style)
    reference = get_object_or_404(Reference.objects.with_notices(), key=key)
    if reference.merged_into:
        return HttpResponsePermanentRedirect(reference.merged_into.get_absolute_url())
    return pages.answer("references/detail.html", _context(request, reference, style))


def _no_style(request, style: str):
    return pages.bad_values(request, {"style": [unknown_style(style)]})


def _context(request, reference: Reference, style: str) -> dict:
    canonical = _permanent(request, reference)
    (printed,) = typesetting.typeset([reference.csl], style)
    return {
        "place": "references",
        "reference": reference,
        "shown": reference.shown,
        "abstract": abstract(reference.csl),
        "canonical": canonical,
        "metadata": metadata.of_page(reference.csl, canonical),
        "topics": cited_by(reference),
        "printed": mark_safe(printed),
        "style": style,
        "styles": STYLES,
        "downloads": in_style(style),
    }


def _permanent(request, reference: Reference) -> str:
    """Return the address of a publication here, the same in each language and style."""
    return pages.origin(request) + languages.permanent("reference", reference.key)


@require_safe
def file(request, key, ending):
    """One publication for a reference manager, or as a style of citation prints it."""
    style = request.GET.get("style") or DEFAULT
    if style not in STYLES:
        return _no_style(request, style)
    reference = get_object_or_404(Reference.objects.select_related("merged_into"), key=key)
    return _download([reference.kept], ending, reference.key, style)


@require_safe
def file_of_list(request, ending):
    """All publications that fit the filters of the address, for a reference manager."""
    filters = ReferenceFilter(request.GET, queryset=Reference.objects.listed().by_author())
    if not filters.is_valid():
        return pages.bad_values(request, filters.errors, filters.form)
    style = request.GET.get("style") or DEFAULT
    if style not in STYLES:
        return _no_style(request, style)
    found = filters.qs.iterator(chunk_size=500)
    return _download(found, ending, "hsc-portal-references", style)


def _download(references: Iterable[Reference], ending: str, name: str, style: str):
    if ending not in DOWNLOADS:
        raise Http404("There is no such format.")
    form = form_of(ending, style)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{ending}"',
        "Cache-Control": pages.CACHE_CONTROL,
    }
    parts = form.pieces(items_of(references))
    return StreamingHttpResponse(parts, content_type=form.content_type, headers=headers)


def cited_by(reference: Reference) -> list[dict]:
    """Return the topics that cite a publication now, each with the statements that do.

    A topic without such a statement cites it in a table or in its facts.
    """
    topics = {
        edition.listing.pk: {"listing": edition.listing, "citations": []}
        for edition in _current_editions(reference)
    }
    citations = Reference._meta.get_field("statement_citations").related_model.objects
    found = citations.filter(reference__in=reference.same()).select_related("statement")
    for citation in found.order_by("statement__listing", "statement__position", "position"):
        topics[citation.statement.listing_id]["citations"].append(citation)
    return list(topics.values())


def _current_editions(reference: Reference) -> QuerySet:
    editions = Reference._meta.get_field("editions").related_model.objects
    return (
        editions.filter(references__in=reference.same(), listing__isnull=False)
        .select_related("listing")
        .only("listing__slug", "listing__title", "listing__kind")
        .order_by("listing__title", "listing__pk")
        .distinct()
    )

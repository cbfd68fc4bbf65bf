"""Search: one field for topics, statements, references and glossary."""

from django.http import HttpRequest, HttpResponseRedirect
from django.views.decorators.http import require_safe

from hsc_portal import languages
from hsc_portal.pages import CACHE_CONTROL, answer
from topics.search import query as queries
from topics.search import results as finding
from topics.search.facets import Facet
from topics.views import counting


@require_safe
def search(request):
    """What is found for `?q=`, narrowed by `?kind=`, `?area=`, `?certainty=`, `?study=`, `?year=`.
    An identifier (DOI, PMID, code) leads straight to its page; `?as_typed=1` leaves words alone
    that stand nowhere."""
    typed = request.GET.get("q", "").strip()[: queries.LONGEST]
    if target := finding.destination(typed) if typed else None:
        headers = {"Cache-Control": CACHE_CONTROL}
        return HttpResponseRedirect(target.get_absolute_url(), headers=headers)
    query = queries.parse(typed, request.GET)
    correct = request.GET.get("as_typed") != "1"
    results = finding.find(query, correct=correct, with_facets=True)
    counting.count(request, results)
    return answer("search/results.html", _context(request, typed, results))


def _context(request: HttpRequest, typed: str, results: finding.Results) -> dict:
    facets = [(facet, _offers(request, facet)) for facet in results.facets]
    return {
        "place": "search",
        "typed": typed,
        "results": results,
        "corrected": queries.put_right(typed, results.corrected),
        "as_typed": _address(request, as_typed="1"),
        "missing": ", ".join(results.missing),
        "offers": [
            (word, _address(request, q=queries.put_right(typed, {wrong: word})))
            for wrong, word in results.offers.items()
        ],
        "apart": ", ".join(results.apart),
        "is_foreign": not languages.is_content_language(),
        "begin_with": finding.suggestions() if results.is_empty else [],
        "facets": facets,
        "chosen": [each for _facet, offers in facets for each in offers if each[0].is_chosen],
        "everything": _address(request, **dict.fromkeys(queries.NARROWING)),
    }


def _offers(request: HttpRequest, facet: Facet) -> list[tuple]:
    """Return the options of a facet, each with the address at which it is chosen or no longer."""
    given = [option.value for option in facet.options if option.is_chosen]
    offers = []
    for option in facet.options:
        others = [value for value in given if value != option.value]
        # One span of years at a time.
        more = [] if facet.name == "year" else others
        values = others if option.is_chosen else [*more, option.value]
        offers.append((option, _address(request, **{facet.name: values})))
    return offers


def _address(request: HttpRequest, **changes: str | list[str] | None) -> str:
    """Return the query of a request with some values changed, or without those that are empty."""
    query = request.GET.copy()
    # What was typed as name:value is a choice like others, and can be taken back like them.
    words, typed = queries.without_narrowing(query.get("q", ""))
    query["q"] = words
    for name in queries.NARROWING:
        chosen = [one for value in query.getlist(name) for one in value.split(",")]
        if chosen := list(dict.fromkeys([*chosen, *typed.get(name, [])])):
            query.setlist(name, chosen)
    for name, value in changes.items():
        query.setlist(name, [value] if isinstance(value, str) else value or [])
        if not value:
            query.pop(name, None)
    return f"?{query.urlencode()}"

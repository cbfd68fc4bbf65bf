"""Search: one field for topics, statements, references and glossary."""

from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.views.decorators.http import require_safe

from hsc_portal.pages import CACHE_CONTROL, answer
from topics.search import query as queries
from topics.search import results as finding


@require_safe
def search(request):
    """What is found for `?q=`. An identifier (DOI, PMID, code) leads straight to its page;
    `?as_typed=1` leaves words alone that stand nowhere."""
    typed = request.GET.get("q", "").strip()[: queries.LONGEST]
    if target := finding.destination(typed) if typed else None:
        headers = {"Cache-Control": CACHE_CONTROL}
        return HttpResponseRedirect(target.get_absolute_url(), headers=headers)
    results = finding.find(queries.parse(typed), correct=request.GET.get("as_typed") != "1")
    context = {
        "place": "search",
        "typed": typed,
        "results": results,
        "corrected": _corrected(typed, results.corrected),
        "as_typed": urlencode({"q": typed, "as_typed": "1"}),
        "begin_with": finding.suggestions() if results.is_empty else [],
    }
    return answer("search/results.html", context)


def _corrected(typed: str, corrections: dict[str, str]) -> str:
    for wrong, right in corrections.items():
        typed = typed.replace(wrong, right)
    return typed

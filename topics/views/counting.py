"""Counting searches, and the results that are followed. What is kept: topics/search/counting.py."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from topics import throttle
from topics.search import counting
from topics.search.results import Results

# A query of the greatest length, in the script of the longest bytes, and some air.
LONGEST_BODY = 1024


def count(request: HttpRequest, results: Results) -> None:
    """Count a search of a reader. One that is narrowed says nothing of what the portal lacks."""
    query = results.query
    is_narrowed = query.narrowed or query.years or query.excluded
    is_read = request.method == "GET" and not request.headers.get("Sec-Purpose")
    if is_read and not is_narrowed:
        counting.count(query.words, throttle.sender(request), found=not results.is_empty)


# Exempt: a token against forged requests would need a cookie, which no reader's page sets. What
# another site could forge here is one click more, of as many as there were searches at the most.
@csrf_exempt
@require_POST
def chosen(request):
    """Count that a result was followed (`static/js/found.js`). The body is the query, no more."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return HttpResponse(status=413)
    if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        words = request.body.decode("utf-8", "replace")
        counting.chose(words, throttle.sender(request))
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})

"""What addresses that programs read say to other methods than GET."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from hsc_portal.error_pages import problem_response

READING = ("GET", "HEAD")
ALLOWED = "GET, HEAD, OPTIONS"
# As those of the API: pages of any site may ask.
OPTIONS = {
    "Allow": ALLOWED,
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ALLOWED,
    "Access-Control-Allow-Headers": "Accept, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "public, max-age=86400",
}


def only_read(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view answer GET and HEAD; OPTIONS gets what is allowed, anything else a problem."""

    # Nothing is written, and the page about a missing token would hide that the method is wrong.
    @csrf_exempt
    @wraps(view)
    def answering(request: HttpRequest, *args, **named) -> HttpResponse:
        if request.method in READING:
            return view(request, *args, **named)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=OPTIONS)
        detail = f"The method {request.method} is not allowed here. Use GET or HEAD."
        return problem_response(request, 405, detail, headers={"Allow": ALLOWED})

    return answering

"""What is answered when something goes wrong. Paths of the API get the API's own problems."""

from django.http import HttpResponse
from django.views.defaults import server_error

from hsc_portal.pages import answer

API = "/api/"


def bad_request(request, exception):
    return _problem(request, 400, "The request cannot be understood.") or answer(
        "errors/400.html", status=400
    )


def forbidden(request, exception):
    return _problem(request, 403, "This is not allowed.") or answer("errors/403.html", status=403)


def csrf_failure(request, reason=""):
    # Django logs the reason; to the reader a form is simply too old.
    return forbidden(request, None)


def not_found(request, exception):
    return _problem(request, 404, "There is nothing at this address.") or answer(
        "errors/404.html", {"path": request.path}, status=404
    )


def failed(request):
    # Nothing may be needed here that could have failed: no database, no context.
    detail = "Something went wrong on this side."
    return _problem(request, 500, detail) or server_error(request, "errors/500.html")


def _problem(request, status: int, detail: str) -> HttpResponse | None:
    """Return an error of the API as its problem, None if the path is that of a page."""
    if not request.path.startswith(API):
        return None
    # The framework of the API is not needed for pages, and its absence would break their errors.
    from rest_framework.renderers import JSONRenderer

    from hsc_portal import rest

    response = rest.problem(request, status, detail)
    response.accepted_renderer = JSONRenderer()
    response.accepted_media_type = response.accepted_renderer.media_type
    response.renderer_context = {}
    return response.render()

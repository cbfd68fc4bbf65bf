"""What is answered when something goes wrong: a page to people, a problem to programs.

Addresses of programs get the problems of the API, or what was registered for them in `FORMS`.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from hsc_portal.pages import answer

# Beside what programs load by its ending.
FOR_PROGRAMS = ("/api/", "/fhir", "/infobutton/service", "/mcp", "/oembed")
ENDINGS = (".atom", ".csv", ".js", ".json", ".ndjson", ".webmanifest", ".xml")

# Writes a problem, which has the members of RFC 9457, as an answer in the form of another standard.
Form = Callable[[HttpRequest, dict], HttpResponse]
# By the beginning of the address; an app registers its own when it is loaded.
FORMS: dict[str, Form] = {}


def problem_response(
    request: HttpRequest, status: int, detail: str, *, headers: dict | None = None, **members
) -> HttpResponse:
    """Return an error for a program, also outside of views: RFC 9457, or its own form by address.

    `members` stand in the problem beside type, title, status, detail and instance. Any page may
    read it, and no cache keeps it. A 500 has the `id` under which it was logged.
    """
    # The framework of the API is not needed for pages, and its absence would break their errors.
    from hsc_portal import rest

    if status == 500:
        members.setdefault("id", rest.log_failure(request))
    problem = rest.problem(request, status, detail, **members)
    form = next((form for prefix, form in FORMS.items() if request.path.startswith(prefix)), None)
    response = form(request, problem.data) if form else problem.render()
    response.headers["Cache-Control"] = "no-store"
    rest.allow_origins(response)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


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
    detail = "Something went wrong on this side. It was logged."
    return _problem(request, 500, detail) or server_error(request, "errors/500.html")


def _problem(request, status: int, detail: str) -> HttpResponse | None:
    """Return an error as a problem, None if the path is that of a page."""
    if not request.path.startswith(FOR_PROGRAMS) and not request.path.endswith(ENDINGS):
        return None
    return problem_response(request, status, detail)

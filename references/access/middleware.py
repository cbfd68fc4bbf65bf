"""What every request to the API meets first: its key is looked at and it is counted.

It stands before what answers conditional requests, so that a 304 and an answer that was kept are
counted too and tell how many are left. Preflights of browsers are answered here and not counted.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from hsc_portal.error_pages import problem_response
from hsc_portal.pages import answer
from hsc_portal.rest import allow_origins
from hsc_portal.senders import sender
from references.access import keys, limits, usage
from references.access.models import ApiKey, Scope

PREFIXES = ("/api/", "/fhir", "/infobutton/", "/mcp", "/embed/", "/oembed")
# Programs ask for them again and again.
FILES = (".atom", "/sitemap.xml")
# What people see in a browser, among the addresses that are counted.
FRAMED = "/embed/"
FOR_PEOPLE = (FRAMED, "/infobutton/application", "/api/docs/")
# A refusal takes the place of the card, also on pages that let in only what asks to be let in.
FRAMED_BY_EVERYBODY = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
REALM = 'Bearer realm="HSC Portal API"'
# A page of any site may read what everybody may. It can send no key: one that is in a page is no
# secret, so `Authorization` and `X-API-Key` are not among what a browser is allowed to send.
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, If-Modified-Since, If-None-Match, Last-Event-ID, Prefer"
    ),
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "public, max-age=86400",
    "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
}


class Access:
    """Middleware: sets `request.api_key`, the key that was sent or None."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES) and not request.path_info.endswith(FILES):
            return self.get_response(request)
        if is_preflight(request):
            return HttpResponse(status=204, headers=PREFLIGHT)
        request.api_key, fault = _key_of(request)
        standing = limits.count(limits.policy_for(request.api_key, sender(request)))
        if standing and standing.is_over:
            response = _too_many(request, standing)
        elif fault:
            response = refuse(request, fault)
        else:
            response = self.get_response(request)
        if request.method in ("GET", "HEAD") and getattr(response, "is_for_pages", True):
            # Here, since a 304 has nothing of the headers of the answer that it stands for.
            allow_origins(response)
        for name, value in (standing.headers if standing else {}).items():
            response.headers[name] = value
        usage.note(request.api_key and request.api_key.partner_id, _endpoint(request, standing))
        return response


def is_preflight(request: HttpRequest) -> bool:
    """Return whether a browser asks on behalf of a page whether it may ask."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def challenge(error: str, detail: str = "") -> str:
    """Return the value of WWW-Authenticate for a key that does not do, as RFC 6750 has it."""
    return f'{REALM}, error="{error}"' + (f', error_description="{detail}"' if detail else "")


def refuse(request: HttpRequest, why: str) -> HttpResponse:
    """Return the 401 for a key that does not work."""
    header = challenge("invalid_token", why.replace("…", "..."))
    return problem_response(request, 401, why, headers={"WWW-Authenticate": header})


def _key_of(request: HttpRequest) -> tuple[ApiKey | None, str]:
    """Return the key that was sent, and what is wrong with what was sent."""
    kind, _, told = request.headers.get("Authorization", "").partition(" ")
    # Another scheme is for a web server in front of the portal.
    bearer = told.strip() if kind.lower() == "bearer" else None
    sent = {each.strip() for each in (bearer, request.headers.get("X-API-Key")) if each is not None}
    if not sent:
        return None, ""
    if len(sent) > 1:
        return None, "Two different keys were sent."
    try:
        key = keys.find(sent.pop())
    except keys.NoKey as error:
        return None, str(error)
    keys.note_use(key)
    return key, ""


def _too_many(request: HttpRequest, standing: limits.Standing) -> HttpResponse:
    if request.path_info.startswith(FOR_PEOPLE):
        return _too_many_page(request, standing.seconds)
    policy, seconds = standing.policy, standing.seconds
    detail = f"{policy.quota} requests in {limits.SECONDS} seconds are the limit for this"
    detail += f" {policy.name}. Ask again in {seconds} seconds."
    if policy.name == "address":
        detail += f" A key with the scope “{Scope.READ}” has a higher limit."
    members = {"violated-policies": [policy.name]}
    headers = {"Retry-After": str(seconds)}
    return problem_response(request, 429, detail, headers=headers, **members)


def _too_many_page(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the 429 for people. No language was chosen yet, and these addresses name none."""
    with translation.override(settings.LANGUAGE_CODE):
        response = answer("errors/429.html", {"seconds": seconds}, status=429)
    headers = {"Cache-Control": "no-store", "Retry-After": str(seconds)}
    if request.path_info.startswith(FRAMED):
        response._csp_replace = {"frame-ancestors": ["*"]}
        headers |= FRAMED_BY_EVERYBODY
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _endpoint(request: HttpRequest, standing: limits.Standing | None) -> str:
    if standing and standing.is_over:
        return usage.REFUSED
    match = request.resolver_match
    return (match and match.url_name) or usage.NOWHERE

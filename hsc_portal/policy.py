"""What the pages of the admin may do that no page for readers may.

The theme of the admin lets its scripts read expressions out of attributes (Alpine.js) and writes
colors into the page. Its scripts still come from this server alone, and none stands in a page.
"""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

# A list with digests would make browsers overlook 'unsafe-inline', so the whole list is replaced.
RELAXED = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class AdminPolicy:
    """Middleware: relaxes the content security policy of what the admin itself answers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        answered_by = request.resolver_match
        if answered_by and answered_by.app_name == "admin":
            response._csp_replace = RELAXED | getattr(response, "_csp_replace", {})
        return response

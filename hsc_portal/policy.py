"""What single answers may do, where that is not what the settings say of all.

The theme of the admin lets its scripts read expressions out of attributes (Alpine.js) and writes
colors into the page. Its scripts still come from this server alone, and none stands in a page.

A page for readers is allowed the styles that stand in it, and no answer is longer by the digests of
all others: they would be a tenth of a small page.
"""

import re

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

from hsc_portal import styles

# A list with digests would make browsers overlook 'unsafe-inline', so the whole list is replaced.
RELAXED = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


class _Policy:
    """Middleware that writes a part of an answer's policy. What a view wrote itself stays."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response._csp_replace = self.of(request, response) | getattr(response, "_csp_replace", {})
        return response

    def of(self, request: HttpRequest, response: HttpResponse) -> dict[str, list[str]]:
        raise NotImplementedError


class AdminPolicy(_Policy):
    """Relaxes the content security policy of what the admin itself answers."""

    def of(self, request, response):
        return RELAXED if _is_of_admin(request) else {}


class PagePolicy(_Policy):
    """Allows a page its own styles alone, and what is no page none in it.

    A 304 keeps the policy for all pages: browsers write its headers over those of the kept page. It
    sees pages before they are compressed.
    """

    def of(self, request, response):
        if response.status_code == 304 or response.streaming or _is_of_admin(request):
            return {}
        if not response.get("Content-Type", "").startswith("text/html"):
            return {"style-src": [SELF]}
        found = {styles.digest(style.decode()) for style in STYLE.findall(response.content)}
        return {"style-src": [SELF, *sorted(found & set(styles.digests()))]}


def _is_of_admin(request: HttpRequest) -> bool:
    answered_by = getattr(request, "resolver_match", None)
    return bool(answered_by) and answered_by.app_name == "admin"

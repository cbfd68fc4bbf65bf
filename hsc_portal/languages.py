"""The languages of the interface. The address alone says which one: /de/topics/, /es/topics/.

No cookie and no header of the reader takes part, so any cache may keep what is answered. What is
not meant for reading (the API, feeds, files, the admin) has one address and speaks English, and so
does the content itself: pages in other languages mark it with `lang`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.http import escape_leading_slashes
from django.utils.safestring import SafeString, mark_safe

# The address of the page that is being made, for the links to it in other languages.
_address: ContextVar[str] = ContextVar("address", default="/")


class AddressLanguage:
    """Middleware: answers in the language that the address names."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_path(request.path_info)
        language = language or settings.LANGUAGE_CODE
        with translation.override(language), at(request.get_full_path()):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


@contextmanager
def at(address: str) -> Iterator[None]:
    """Let the page that is made meanwhile be the one at an address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def address_with(request: HttpRequest, names: Iterable[str]) -> str:
    """Return the path of a request with those parts of its query that have one of the names."""
    query = urlencode([(name, value) for name in names for value in request.GET.getlist(name)])
    return f"{request.path}?{query}" if query else request.path


def in_each() -> list[tuple[str, str, bool]]:
    """Return the code of each language, the address of this page in it, and whether it is this."""
    now, address = translation.get_language(), _address.get()
    neutral = address.removeprefix(f"/{now}") if address.startswith(f"/{now}/") else address
    # `//host/` would lead to another site.
    neutral = escape_leading_slashes(neutral)
    return [
        (code, neutral if code == settings.LANGUAGE_CODE else f"/{code}{neutral}", code == now)
        for code, _ in settings.LANGUAGES
    ]


def permanent(name: str, *args) -> str:
    """Return the path of a page that is the same whoever reads: that in the content's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return reverse(name, args=args)


def is_content_language() -> bool:
    return translation.get_language() == settings.LANGUAGE_CODE


def interface_lang() -> SafeString:
    """Return ` lang="de"` for words of the portal amid those of the content.

    Nothing where both are of one language.
    """
    return mark_safe("" if is_content_language() else f' lang="{translation.get_language()}"')


def in_sentence(label: str) -> str:
    """Return a label as it stands amid a sentence: German keeps its capitals, others do not.

    >>> in_sentence("High certainty")
    'high certainty'
    """
    return str(label) if translation.get_language() == "de" else str(label).lower()


def content(words: str) -> str:
    """Return words of the content amid those of the portal, marked where the languages differ."""
    if not words or is_content_language():
        return words
    return format_html('<span lang="{}">{}</span>', settings.LANGUAGE_CODE, words)


def portal(words: str) -> str:
    """Return words of the portal amid those of the content, marked where the languages differ."""
    lang = interface_lang()
    return format_html("<span{}>{}</span>", lang, words) if lang and words else words

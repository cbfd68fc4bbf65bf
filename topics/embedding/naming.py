"""What the address of a page names: a topic, and of it an edition, a part, a day, a language."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

PLACES = "topics|therapies|agents|conditions|complications|embed"
_LANGUAGES = "|".join(code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)
PAGE = re.compile(
    rf"(?:/(?P<language>{_LANGUAGES}))?/(?:{PLACES})/(?P<slug>[-\w]+)"
    r"(?:/editions/(?P<number>\d{1,9}))?(?:/(?P<anchor>[-\w]+))?/?",
    re.ASCII,
)


@dataclass
class Named:
    """What an address names. `day` is the day of `?as_of=` as it is written, None if none is.

    `anchor` is what stands behind the # or the page, which need not be a part of the text.
    """

    slug: str
    number: int | None = None
    anchor: str = ""
    language: str = settings.LANGUAGE_CODE
    day: str | None = None
    scheme: str = ""
    host: str = ""


def parse(address: str) -> Named | None:
    """Return what the address of a topic names, None if it is no such address."""
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    if not (found := PAGE.fullmatch(parts.path)):
        return None
    number = found["number"]
    return Named(
        slug=found["slug"],
        number=None if number is None else int(number),
        anchor=found["anchor"] or unquote(parts.fragment),
        language=found["language"] or settings.LANGUAGE_CODE,
        # The page of an edition is the same on all days.
        day=asked["as_of"][-1] if "as_of" in asked and number is None else None,
        scheme=parts.scheme,
        host=parts.netloc,
    )

"""Words of the content among those of the portal.

The content has one language and the portal speaks several, so whatever shows both on one page says
which words are the content's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.translation import gettext

from hsc_portal import languages
from hsc_portal.typography import typeset
from topics.tables import Cell


@dataclass
class Said(Cell):
    """A cell with words of the content. Those of the portal's own stand in a plain `Cell`."""

    is_content: bool = True

    def __post_init__(self):
        self.text, self.note = typeset(self.text), typeset(self.note)


def content_lang() -> str | None:
    """Return the language of the content for an attribute, None where the page is in it."""
    return None if languages.is_content_language() else settings.LANGUAGE_CODE


def joined(separator: str, parts: Iterable[str]) -> str:
    """Return the parts that are not empty, some of which may be marked by `content`, as HTML."""
    return format_html_join(separator, "{}", ((part,) for part in parts if part))


class Speech:
    """What is said in the language of one page, each word looked up once.

    `find` translates a message and `label` names a choice; `lang` marks words of the content. It
    must not outlive its page, since another one may be in another language.
    """

    def __init__(self):
        self.lang = content_lang()
        self.find = cache(gettext)
        self.label = cache(lambda choice: str(choice.label))


def amid(label: str) -> str:
    """Return a label as it stands amid others, with its abbreviations: “95% CI”, but “median”."""
    is_german = languages.in_sentence("A") == "A"
    return label if is_german else label[:1].lower() + label[1:]

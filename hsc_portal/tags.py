"""Template tags that every page may use without loading them."""

import json

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info

from hsc_portal import languages, schema_org, script_words, styles, typography

register = template.Library()
register.filter("held", typography.held)


@register.simple_tag
def language_links() -> list[dict]:
    """Return `code`, own `name`, `address` and `is_current` of this page in each language."""
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"].capitalize(),
            "address": address,
            "is_current": is_current,
        }
        for code, address, is_current in languages.in_each()
    ]


@register.simple_tag
def style(name: str) -> SafeString:
    """Return a style sheet for the head of a page, by its name; who works on it gets a link, so
    that the page need not be made anew."""
    if settings.DEBUG:
        return format_html('<link rel="stylesheet" href="{}">', static(f"css/{name}.css"))
    return mark_safe(f"<style>{styles.written(name)}</style>")


@register.simple_tag
def content_lang() -> SafeString:
    """Return ` lang="en"` for an element with words of the content, where the page is in another
    language; else nothing."""
    if languages.is_content_language():
        return mark_safe("")
    return mark_safe(f' lang="{settings.LANGUAGE_CODE}"')


@register.simple_tag
def interface_lang() -> SafeString:
    """Return ` lang="de"` for words of the portal amid those of the content; else nothing."""
    return languages.interface_lang()


@register.simple_tag
def words_of(script: str) -> SafeString:
    """Return the words that a script shows, as data that it finds by `words-` and its name."""
    words = {name: str(text) for name, text in script_words.WORDS[script].items()}
    return json_script(words, f"words-{script}")


@register.simple_tag
def page_data(found: dict, rows=None) -> SafeString:
    """Return what a page of the portal is as JSON-LD; `rows` is the page of a list."""
    return linked_data(schema_org.with_rows(found, rows or None))


@register.simple_tag
def linked_data(found: dict) -> SafeString:
    """Return what a page is about as JSON-LD, which programs read and browsers never run."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)
    # As Django does it in `json_script`: nothing in it can end the element.
    escaped = text.translate({ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"})
    return mark_safe(f'<script type="application/ld+json">{escaped}</script>')

"""From a Reading to a card: a topic, a section or one statement of it, small and by itself.

A card is shown away from the portal, so all its links are whole addresses, and those within the
page of the topic lead to that page.
"""

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from lxml import html as parsing

from hsc_portal import languages
from hsc_portal.pages import html
from topics import addresses, pages
from topics.reading import Reading

TO_REFERENCE = re.compile(r"#ref_(\d+)")
# The attributes that name something to be fetched or gone to.
LINKS = ("href", "src")


class NoPart(Exception):
    """The edition has no section and no statement of that name."""


@dataclass(frozen=True)
class Part:
    """A section, or one statement in it, as its page shows it."""

    anchor: str
    heading: str
    body: SafeString
    is_statement: bool = False


def part_names(document: dict) -> set[str]:
    """Return the names by which sections and statements of a Document can be asked for."""
    sections = document.get("sections", [])
    stated = {one["anchor"] for section in sections for one in section["statements"]}
    return stated | {section["anchor"] for section in sections}


def page(reading: Reading, origin: str, anchor: str) -> str:
    """Return a card as a page of its own. Raises NoPart."""
    if anchor and anchor not in part_names(reading.document):
        raise NoPart(anchor)
    shown = pages.context(reading, origin)
    here = address(reading)
    part = _part(shown, anchor) if anchor else None
    shown |= {"part": part, "page": here, "notices": _notices(shown, part)}
    article = _absolute(html("embed/article.html", shown), origin, here)
    named = languages.permanent("topic", reading.slug)
    if not reading.is_current:
        named = languages.permanent("edition", reading.slug, reading.number)
    return html("embed/card.html", shown | {"article": article, "canonical": origin + named})


def address(reading: Reading) -> str:
    """Return the path of the page that a card is of, in the language that is being spoken."""
    if reading.is_current:
        return addresses.of_topic(reading.slug)
    return addresses.of_edition(reading.slug, reading.number)


def _part(shown: dict, anchor: str) -> Part:
    for section in [*shown["key_points"], *shown["sections"]]:
        if section["anchor"] == anchor:
            return Part(anchor, section["heading"], section["html"])
        for element in _parsed(section["html"]).iterfind(".//span[@class='statement']"):
            if element.get("id") == anchor:
                element.tail = None
                stated = mark_safe(f"<p>{_written(element)}</p>")
                return Part(anchor, section["heading"], stated, is_statement=True)
    raise NoPart(anchor)


def _notices(shown: dict, part: Part | None) -> list[dict]:
    """Return what must be said of the publications that the card cites, all for a whole topic."""
    if part is None:
        return shown["notices"]
    # One with a notice has a number of its own, never inside a range.
    cited = {int(number) for number in TO_REFERENCE.findall(part.body)}
    return [notice for notice in shown["notices"] if notice["number"] in cited]


def _absolute(article: str, origin: str, here: str) -> SafeString:
    """Return a card whose links are whole addresses; `here` is the path of its page."""
    parsed = _parsed(article)
    for element in parsed.iter():
        for name in LINKS:
            found = element.get(name, "")
            if found.startswith("#"):
                element.set(name, f"{origin}{here}{found}")
            elif found.startswith("/"):
                element.set(name, f"{origin}{found}")
    return mark_safe("".join(_written(element) for element in parsed))


def _parsed(text: str) -> parsing.HtmlElement:
    return parsing.fragment_fromstring(text, create_parent="div")


def _written(element) -> str:
    return parsing.tostring(element, encoding="unicode")

"""The knowledge response: a feed with an entry for each topic, as JSON, and as XML made of that.

The order of members is that of the knowledge response's schema, which fixes it. The feed speaks
English, as the API does; its links lead to pages in the language that was asked for.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils import translation
from django.utils.html import escape
from lxml import etree

from hsc_portal import languages
from hsc_portal.rest import LICENSE_URL
from hsc_portal.xml_text import writable
from topics import marks, rendering
from topics.choices import Match, SectionKind
from topics.feeds import tag
from topics.infobutton.answering import Answer
from topics.infobutton.asking import Asked

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PORTAL, LANGUAGE = "HSC Portal", "en"
RIGHTS = f"CC BY 4.0, {LICENSE_URL}"
# Statements in a summary.
MOST = 6
_MATCHES = {
    Match.EXACT: "The code means the same as the topic.",
    Match.BROADER: "The code means more than the topic.",
    Match.NARROWER: "The code means less than the topic.",
    Match.RELATED: "The code is near the topic; sameness is not shown.",
    "": "Found by its name: no topic has the code.",
}


def of(asked: Asked, answers: list[Answer], origin: str) -> dict:
    """Return the knowledge response as the JSON object that the guide describes."""
    feed = {
        "xsi": XSI,
        "base": f"{origin}/",
        "lang": LANGUAGE,
        "title": _text(PORTAL),
        "subtitle": _text(_subtitle(asked)),
        "author": {"name": {"_value": PORTAL}, "uri": {"_value": f"{origin}/"}},
        "updated": {"_value": _moment(datetime.now(UTC))},
        "category": [{"scheme": scheme, "term": term} for scheme, term in asked.said],
        "id": {"_value": uuid.uuid4().urn},
        "rights": _text(RIGHTS),
        "entry": [_entry(answer, asked.language, origin) for answer in answers],
    }
    return {"feed": feed}


def _entry(answer: Answer, language: str, origin: str) -> dict:
    reading, document = answer.reading, answer.reading.document
    return {
        "lang": document.get("language", LANGUAGE),
        "title": _text(document["title"]),
        "link": list(_links(answer, language, origin)),
        "id": {"_value": tag(origin, f"topics/{reading.edition.topic_id}")},
        "updated": {"_value": _moment(reading.edition.published_at)},
        "summary": {"type": "html", "_value": writable(_summary(answer))},
        "category": list(_categories(answer)),
        "published": {"_value": _moment(reading.edition.published_at)},
        "rights": _text(RIGHTS),
    }


def _links(answer: Answer, language: str, origin: str) -> Iterator[dict]:
    """Yield where the topic is read; the first is the page, at the section that was asked for."""
    document, section = answer.reading.document, answer.section
    title = f"{document['title']}: {section['heading']}" if section else document["title"]
    edition = languages.permanent("edition", answer.reading.slug, answer.reading.number)
    data = f"{origin}/api/v1/topics/{answer.reading.slug}/"
    spoken = document.get("language", LANGUAGE)
    yield _link(origin + answer.path(language), "alternate", "text/html", spoken, title)
    yield _link(origin + edition, "related", "text/html", spoken, "This edition, for ever")
    yield _link(data, "related", "application/json", spoken, "This topic as data")


def _link(href: str, rel: str, kind: str, language: str, title: str) -> dict:
    return {"href": href, "rel": rel, "type": kind, "hreflang": language, "title": writable(title)}


def _categories(answer: Answer) -> Iterator[dict]:
    """Yield what the entry itself is about; for whom; and how well it fits what was asked."""
    if code := answer.found.code:
        yield {"scheme": "mainSearchCriteria.v.c", "term": code.code}
        yield {"scheme": "mainSearchCriteria.v.cs", "term": answer.system_id}
    yield {"scheme": "mainSearchCriteria.v.dn", "term": writable(answer.reading.document["title"])}
    yield {"scheme": "informationRecipient", "term": "PROV"}
    yield {"scheme": "relevanceScore", "term": f"{answer.found.score:g}"}


def _summary(answer: Answer) -> str:
    """Return the summary, what the asked section says first, and what must be known of both."""
    reading, document = answer.reading, answer.reading.document
    section = answer.section or next(
        (one for one in document.get("sections", []) if one["kind"] == SectionKind.KEY_POINTS), None
    )
    parts = [f"<p>{escape(document['summary'])}</p>"]
    states = {flag["status"] for flag in reading.flagged.values()}
    parts += [
        f"<p><strong>This topic {escape(words)}.</strong></p>"
        for status, words in rendering.WARNINGS.items()
        if status in states
    ]
    if section:
        parts += _said(section, reading.flagged)
    parts.append(f"<p>{escape(_standing(answer))}</p>")
    return "".join(parts)


def _said(section: dict, flagged: dict[str, dict]) -> Iterator[str]:
    """Yield what a section says first, each statement with its marks, and how much more it has."""
    statements = section["statements"]
    items = [
        f"<li>{escape(one['text'])} <em>({escape(marks.of_statement(one, flagged))})</em></li>"
        for one in statements[:MOST]
    ]
    yield f"<h3>{escape(section['heading'])}</h3>"
    if items:
        yield f"<ul>{''.join(items)}</ul>"
    if more := len(statements) - len(items):
        yield f"<p>And {more} more on the page.</p>"


def _standing(answer: Answer) -> str:
    edition, found = answer.reading.edition, answer.found
    reviewed = "Not yet reviewed by a clinician."
    if edition.is_reviewed:
        reviewed = f"Reviewed by {edition.approved_by_name}, {edition.approved_at:%Y-%m-%d}."
    told = [f"Edition {edition.number}, {edition.published_at:%Y-%m-%d}.", reviewed]
    told.append(_match(answer))
    if found.code and not found.code.verified:
        told.append("The code was not found in a released table of its terminology.")
    return " ".join(told)


def _match(answer: Answer) -> str:
    found = answer.found
    if found.code and found.is_above:
        above = f"The code stands below {found.code.code}, which"
        if found.match == Match.RELATED:
            return f"{above} means more than the topic: it may be another part of it."
        return f"{above} the topic takes in."
    return _MATCHES[found.match]


def _subtitle(asked: Asked) -> str:
    about = [
        " ".join(filter(None, [one.system, one.code])) or one.display or one.words
        for one in asked.criteria
    ]
    return f"Topics about {'; '.join(about)}" if about else "Topics about nothing: no code was sent"


def _text(words: str) -> dict:
    return {"type": "text", "_value": writable(words)}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(response: dict) -> str:
    # Escaped, so that nothing in it ends a script that holds it.
    text = json.dumps(response, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def as_xml(response: dict) -> bytes:
    """Return the response as Atom: members of text are attributes, the others elements in order."""
    with translation.override(LANGUAGE):
        root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
        _fill(root, {name: value for name, value in response["feed"].items() if name != "xsi"})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(element: etree._Element, members: dict) -> None:
    for name, value in members.items():
        if name == "_value":
            element.text = value
        elif isinstance(value, str):
            element.set(f"{{{XML}}}{name}" if name in ("lang", "base") else name, value)
        else:
            for one in value if isinstance(value, list) else [value]:
                _fill(etree.SubElement(element, f"{{{ATOM}}}{name}"), one)

"""From a Reading to the page of a topic: what a reader is shown, and in which order.

A page is a pure function of its Reading, of whether its next review is overdue, of the language of
the interface, and of the portal's own address, which a citation names.
"""

from collections import Counter
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from hsc_portal.typography import held
from references import csl, shown, styles, typesetting
from references.models import Reference, StudyType
from topics import addresses, documents, numbering, rendering
from topics.choices import (
    Area,
    Certainty,
    CodeSystem,
    Kind,
    Match,
    SectionKind,
    relation_words,
)
from topics.fhir import ids
from topics.models import Topic
from topics.reading import Reading
from topics.statements import Citation
from topics.tables import Row

# What is said where the interface speaks another language.
LANGUAGE_NOTES = {
    "en": _("The content of this page is in English."),
    "de": _("The content of this page is in German."),
    "es": _("The content of this page is in Spanish."),
}


def key(reading: Reading, origin: str) -> tuple:
    """Return all that decides what the page of a topic says, but for what its address does."""
    return reading.edition_id, reading.state, reading.slug, is_overdue(reading), origin


def is_overdue(reading: Reading) -> bool:
    due = reading.next_review
    return due is not None and due < timezone.localdate()


def context(reading: Reading, origin: str) -> dict:
    """Return what the template of a topic page is given."""
    document, listing = reading.document, reading.listing
    language = _language(document.get("language", settings.LANGUAGE_CODE))
    return {
        **language,
        "topic_address": languages.permanent("topic", reading.slug),
        "edition_address": languages.permanent("edition", reading.slug, reading.number),
        "edition": reading.edition,
        "standing": standing(reading),
        "is_current": reading.is_current,
        "origin": origin,
        "slug": reading.slug,
        "fhir_id": ids.of_topic(reading.slug, reading.edition.topic_id),
        "document": document,
        "kind": Kind(document["kind"]),
        "index": addresses.index_of(document["kind"]),
        "compare": addresses.comparison_of(document["kind"], reading.slug),
        "balance": _balance(document),
        "areas": [Area(area) for area in document.get("areas", [])],
        "synonyms": _marked("; ".join(document.get("synonyms", [])), language["lang"]),
        "next_review": reading.next_review,
        "is_overdue": is_overdue(reading),
        "codes": [_code(code) for code in document.get("codes", [])],
        "related": _related(listing.related if listing else []),
        "partners": listing.partners if listing else [],
        "publications": [_publication(found) for found in reading.publications],
        **_body(reading),
    }


def standing(reading: Reading) -> dict:
    """Return what became of an edition since it was made."""
    withdrawal = reading.withdrawal
    return {
        "current_number": reading.current_number,
        "withdrawn_at": withdrawal.at if withdrawal else None,
        "reason": withdrawal.reason if withdrawal else "",
    }


def _language(code: str) -> dict:
    """Return what a page says of the language of its content.

    `lang` marks an element with words of the document, and `language_note` says which language it
    is; both are empty where the interface speaks it too. `locale` is as cards want it.
    """
    locale = f"{code}_{'US' if code == 'en' else code.upper()}"
    if code == get_language():
        return {"locale": locale, "lang": "", "language_note": ""}
    note = LANGUAGE_NOTES.get(code, _("The content of this page is in another language."))
    return {"locale": locale, "lang": format_html(' lang="{}"', code), "language_note": note}


def _publication(found: dict) -> dict:
    """Return a publication that related topics cite, with a notice if there is one today."""
    status = Reference.Status(found["status"])
    return found | {
        "study_type": StudyType(found["study_type"]).label,
        "notice": "" if status == Reference.Status.CURRENT else status.label,
    }


def _marked(words: str, lang: str) -> str:
    """Return words of the document as they stand amid those of the portal."""
    return format_html("<span{}>{}</span>", lang, words) if lang and words else words


def _related(groups: list[dict]) -> list[dict]:
    return [group | {"label": relation_words(group["label"])} for group in groups]


def _balance(document: dict) -> dict:
    """Return how sure the statements of a page are: how many of each certainty, and what is open.

    The grades come in order, the surest first; those that no statement has are left out.
    """
    statements = list(documents.all_statements(document))
    grades = Counter(one.get("certainty", Certainty.UNGRADED) for one in statements)
    return {
        "statements": len(statements),
        "grades": [
            (grade.value, languages.in_sentence(grade.label), grades[grade])
            for grade in Certainty
            if grades[grade]
        ],
        "awaiting": sum(one.get("awaiting_check", False) for one in statements),
        "uncited": sum(not one.get("citations") for one in statements),
    }


def _body(reading: Reading) -> dict:
    """Return facts, sections and tables as they are shown, and the references they cite."""
    document = reading.document
    links = rendering.TopicLinks(reading.listing.links if reading.listing else {})
    model = Topic.class_for(document["kind"])
    facts = document.get("facts", {})
    tables = model.page_tables(document, links)
    overview = model.page_overview(document, reading.listing.related if reading.listing else [])
    first = overview.rows if overview else []
    rows = [row for table in tables for row in table.rows]
    key_points, sections = _parted(document.get("sections", []))
    # The order of the page, by which its references are numbered.
    of_rows = [{"references": row.references} for row in [*first, *rows]]
    parts = [*key_points, facts, *of_rows[: len(first)], *sections, *of_rows[len(first) :]]
    sources = rendering.Sources(
        numbers=numbering.number(numbering.keys_in_order(parts)),
        publications={item["id"]: item for item in document["references"]},
        flagged=reading.flagged,
    )
    figures = rendering.Figures.of(document, address=reading.figure_address)
    for row in [*first, *rows]:
        write_sources(row, sources)
    facts_shown, kicker = _facts_shown(model, document)
    return {
        # Words that an editor wrote stand there as they are; others are choices.
        "facts": [(label, words, words in facts.values()) for label, words in facts_shown],
        "kicker": kicker,
        "facts_row": _facts_row(model, facts, sources),
        "key_points": _rendered(key_points, sources, links, figures),
        "sections": _rendered(sections, sources, links, figures),
        "further_figures": figures.rest(),
        "overview": overview,
        "charts": model.page_charts(document, links),
        "scales": model.page_scales(tables),
        "tables": tables,
        "references": references(sources, _places(document), _printed(reading, sources)),
        "notices": _notices(sources),
    }


def _facts_shown(model, document: dict) -> tuple[list[tuple], str]:
    """Return the facts for the table, and the one above the title: a single one needs no table."""
    shown = model.page_facts(document)
    is_single = len(shown) == 1 and "references" not in model.FACTS
    kicker = shown.pop()[1] if is_single else ""
    return shown, kicker


def _parted(sections: list[dict]) -> tuple[list[dict], list[dict]]:
    """Return the key points, which stand on the first screen, and all other sections."""
    first = [section for section in sections if section["kind"] == SectionKind.KEY_POINTS]
    return first, [section for section in sections if section not in first]


def _rendered(sections: list[dict], sources, links, figures) -> list[dict]:
    return [
        {
            "heading": held(section["heading"]),
            "anchor": section["anchor"],
            "html": rendering.section_html(section, sources, links, figures),
        }
        for section in sections
    ]


def write_sources(row: Row, sources: rendering.Sources) -> None:
    """Write what a row rests on, and how sure it is, as it is shown on a page."""
    row.citations = sources.citations(Citation(key) for key in row.references)
    row.marks = rendering.marks(
        row.certainty, row.awaiting_check, bool(row.references), sources.warnings(row.references)
    )


def _facts_row(model: type[Topic], facts: dict, sources: rendering.Sources) -> Row | None:
    """Return what the facts rest on, None for a kind whose facts name no sources."""
    if "references" not in model.FACTS:
        return None
    row = Row(
        cells=[],
        certainty=facts.get("certainty", Row.certainty),
        awaiting_check=facts.get("awaiting_check", False),
        references=facts.get("references", []),
    )
    write_sources(row, sources)
    return row


def _code(code: dict) -> dict:
    match = Match(code["match"])
    return {
        "system": CodeSystem(code["system"]).label,
        "code": code["code"],
        "label": code.get("label", ""),
        "match": "" if match == Match.EXACT else languages.in_sentence(match.label),
        "is_verified": code.get("verified", True),
    }


def references(
    sources: rendering.Sources,
    places: dict[str, list[str]] | None = None,
    printed: dict[str, str] | None = None,
) -> list[dict]:
    """Return the publications of a page in the order of their numbers.

    `places` has by key the places in a publication that the page cites, `printed` how it is printed
    in the style that was asked for; else it is shown in the portal's own form.
    """
    return [
        {
            "number": number,
            "key": key,
            **_shown(sources.publications[key], (printed or {}).get(key)),
            "places": (places or {}).get(key, []),
            "notice": notice(key, number, sources),
        }
        for key, number in sources.numbers.items()
    ]


def _shown(item: dict, printed: str | None) -> dict:
    if not printed:
        return shown.shown(item)
    text, rest = shown.linked(printed, shown.links(item))
    return {"printed": text, "links": rest}


def _printed(reading: Reading, sources: rendering.Sources) -> dict[str, str]:
    """Return by key how the publications are printed in the style that was asked for."""
    if not reading.style:
        return {}
    cited = [sources.publications[key] for key in sources.numbers]
    texts = typesetting.printed(cited, reading.style, reading.typeset)
    return dict(zip(sources.numbers, texts, strict=True))


def style_menu(style: str, as_of: date | None) -> list[dict]:
    """Return the styles of citation with the address of the page in each."""
    day = {"as_of": as_of.isoformat()} if as_of else {}
    return [
        {
            "name": name,
            "label": one.label,
            "query": urlencode(day | ({} if name == styles.DEFAULT else {"style": name})),
            "is_chosen": name == style,
        }
        for name, one in styles.STYLES.items()
    ]


def _places(document: dict) -> dict[str, list[str]]:
    """Return the places in each publication that statements cite, each once."""
    places: dict[str, dict[str, None]] = {}
    for section in document.get("sections", []):
        for statement in section["statements"]:
            for citation in statement.get("citations", []):
                if citation.get("locator"):
                    places.setdefault(citation["key"], {})[citation["locator"]] = None
    return {key: list(found) for key, found in places.items()}


def _notices(sources: rendering.Sources) -> list[dict]:
    found = [notice(key, number, sources) for key, number in sources.numbers.items()]
    return [notice for notice in found if notice]


def notice(key: str, number: int, sources: rendering.Sources) -> dict | None:
    """Return what readers must be told of a publication today, None if nothing is known."""
    flag = sources.flagged.get(key)
    return flag and {
        "number": number,
        "name": csl.short_name(sources.publications[key]),
        "label": Reference.Status(flag["status"]).label,
        "is_grave": flag["status"] != Reference.Status.CORRECTED,
        "on": flag["status_on"],
        "text": flag["status_notice"],
    }

"""An edition of a topic as a Composition, and the page where it is read as a DocumentReference.

What nobody reviewed is `preliminary`, what a clinician approved `final`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.html import escape

from hsc_portal import languages
from hsc_portal.rest import LICENSE_URL
from references import csl
from topics import citing, codesystems, marks, rendering
from topics.api.serializers import REVIEWED, UNREVIEWED
from topics.choices import Area, Certainty, Kind, Match, RelationKind
from topics.fhir import elements as e
from topics.fhir import ids
from topics.models import Topic
from topics.reading import Reading
from topics.tables import Cell, Row, Table

LICENSE = f"Licensed CC BY 4.0: {LICENSE_URL}"


def ident_of(reading: Reading) -> str:
    return ids.of_topic(reading.slug, reading.edition.topic_id)


def composition(reading: Reading, origin: str, changed: datetime) -> dict:
    edition, document = reading.edition, reading.document
    spoken = document.get("language", "en")
    return e.versioned(edition.number, changed, e.tidy({
        "resourceType": "Composition",
        "id": ident_of(reading),
        "language": spoken,
        "text": e.narrative(e.paragraphs([document["summary"], standing(reading)]), spoken),
        "url": origin + languages.permanent("topic", reading.slug),
        "identifier": [{"system": f"{origin}/topics", "value": reading.slug}],
        "version": str(edition.number),
        "status": status(reading),
        "type": e.words("Clinical knowledge topic"),
        "category": [e.words(str(Kind(document["kind"]).label)), *_areas(document)],
        "date": e.instant(edition.published_at),
        "useContext": list(_subjects(document)),
        "author": [{"display": e.PORTAL}],
        "title": document["title"],
        "note": [{"text": text} for text in _notes(reading)],
        "attester": attesters(reading),
        "custodian": {"display": e.PORTAL},
        "relatesTo": list(_related(reading, origin)),
        "section": list(_sections(reading, origin)),
    }))  # fmt: skip


def document_reference(reading: Reading, origin: str, changed: datetime) -> dict:
    edition, document = reading.edition, reading.document
    page = citing.address(reading, origin)
    data = f"{origin}/api/v1/topics/{reading.slug}/editions/{edition.number}/"
    return e.versioned(edition.number, changed, e.tidy({
        "resourceType": "DocumentReference",
        "id": ident_of(reading),
        "identifier": [{"system": f"{origin}/topics", "value": reading.slug}],
        "version": str(edition.number),
        "status": "current" if reading.is_current else "superseded",
        "docStatus": status(reading),
        "type": e.words("Clinical knowledge topic"),
        "category": [e.words(str(Kind(document["kind"]).label)), *_areas(document)],
        "date": e.instant(edition.published_at),
        "author": [{"display": e.PORTAL}],
        "attester": attesters(reading),
        "custodian": {"display": e.PORTAL},
        "description": f"{document['title']}. {standing(reading)}",
        "content": [
            {"attachment": {
                "contentType": kind, "language": document.get("language", "en"), "url": address,
                "title": document["title"], "creation": e.instant(edition.published_at),
            }}
            for kind, address in (("text/html", page), ("application/json", data))
        ],
    }))  # fmt: skip


def status(reading: Reading) -> str:
    return "final" if reading.edition.is_reviewed else "preliminary"


def standing(reading: Reading) -> str:
    """Return in words which edition it is, and whether a clinician reviewed it."""
    edition = reading.edition
    review = f"{UNREVIEWED[:1].upper()}{UNREVIEWED[1:]}."
    if edition.is_reviewed:
        who, day = edition.approved_by_name, edition.approved_at
        review = f"{REVIEWED[:1].upper()}{REVIEWED[1:]}: {who}, {day:%Y-%m-%d}."
    return f"Edition {edition.number}, {edition.published_at:%Y-%m-%d}. {review}"


def attesters(reading: Reading) -> list[dict]:
    edition = reading.edition
    if not edition.is_reviewed:
        return []
    mode = e.concept("composition-attestation-mode", "professional")
    party = {"display": edition.approved_by_name}
    return [{"mode": mode, "time": e.instant(edition.approved_at), "party": party}]


def _areas(document: dict) -> list[dict]:
    return [e.words(str(Area(area).label)) for area in document.get("areas", [])]


def _subjects(document: dict) -> Iterator[dict]:
    """Yield what the topic is about, by its codes: those found in a released table."""
    for code in document.get("codes", []):
        if not code.get("verified", True):
            continue
        match = Match(code["match"])
        text = code.get("label") or code["code"]
        meant = {
            "coding": [e.coding(codesystems.address_of(code["system"]), *_bare(code))],
            "text": text if match == Match.EXACT else f"{text} ({match.label})",
        }
        yield {"code": e.coding(e.USAGE, "focus"), "valueCodeableConcept": meant}


def _bare(code: dict) -> tuple[str, str]:
    """Return a code as its own system writes it, and what it stands for."""
    prefix, colon, rest = code["code"].partition(":")
    is_prefixed = colon and prefix in ("ORPHA", "OMIM")
    return (rest if is_prefixed else code["code"]), code.get("label", "")


def _notes(reading: Reading) -> Iterator[str]:
    yield standing(reading)
    if not reading.is_current:
        yield f"A newer edition was published: {reading.current_number}."
    for key, flag in sorted(reading.flagged.items()):
        words = rendering.WARNINGS[flag["status"]]
        yield f"Warning: it {words} (Citation/{ids.of_key(key)})."
    yield f"What changed: {reading.edition.change_note}"
    yield LICENSE


def _related(reading: Reading, origin: str) -> Iterator[dict]:
    """Yield what the topic cites, its page, and the edition before."""
    for item in reading.document["references"]:
        ident, name = ids.of_key(item["id"]), csl.short_name(item)
        yield {"type": "cites", "resourceReference": e.reference("Citation", ident, name)}
    page = e.reference("DocumentReference", ident_of(reading))
    yield {"type": "transformed-into", "resourceReference": page}
    if reading.edition.number > 1:
        before = languages.permanent("edition", reading.slug, reading.edition.number - 1)
        yield {
            "type": "predecessor",
            "document": {"contentType": "text/html", "url": origin + before},
        }
    yield from _relations(reading, origin)


def _relations(reading: Reading, origin: str) -> Iterator[dict]:
    """Yield the topics that the edition relates to and that are published now.

    FHIR has a type for being a part; what another relation is stands in its words.
    """
    found = reading.listing.links if reading.listing else {}
    for relation in reading.document.get("relations", []):
        if target := found.get(relation["target"]):
            kind = RelationKind(relation["kind"])
            yield {
                "type": "part-of" if kind == RelationKind.PART_OF else "documentation",
                "classifier": [e.words(kind.label)],
                "display": target["title"],
                "resource": origin + languages.permanent("topic", target["slug"]),
            }


def _sections(reading: Reading, origin: str) -> Iterator[dict]:
    """Yield the sections of the text, then the facts and clinical tables."""
    document, page = reading.document, citing.address(reading, origin)
    names = {item["id"]: csl.short_name(item) for item in document["references"]}
    for section in document.get("sections", []):
        told = "".join(_statement(one, names, reading.flagged) for one in section["statements"])
        # Figures and code are no statements, and a narrative must say something.
        told = told or e.paragraphs([f"To be read at {page}#{section['anchor']}."])
        yield {
            "title": section["heading"],
            "code": e.words(section["kind"]),
            "text": e.narrative(told),
            "entry": list(_entries(reading, section["statements"])),
        }
    model = Topic.class_for(document["kind"])
    if facts := model.page_facts(document):
        lines = e.paragraphs(f"{label}: {words}" for label, words in facts)
        cited = _citations(document.get("facts", {}).get("references", []))
        yield {"title": "At a glance", "code": e.words("facts"), "text": e.narrative(lines),
               "entry": cited}  # fmt: skip
    links = rendering.TopicLinks(reading.listing.links if reading.listing else {})
    for table in model.page_tables(document, links):
        if table.rows:
            yield _table(table, names, reading.flagged)


def _entries(reading: Reading, statements: list[dict]) -> Iterator[dict]:
    keys = dict.fromkeys(
        citation["key"] for one in statements for citation in one.get("citations", [])
    )
    yield from _citations(keys)
    for one in statements:
        if is_graded(one):
            ident = ids.of_statement(reading.edition.topic_id, one["anchor"])
            yield e.reference("ArtifactAssessment", ident)


def is_graded(statement: dict) -> bool:
    return statement.get("certainty", Certainty.UNGRADED) != Certainty.UNGRADED


def _citations(keys: Iterable[str]) -> list[dict]:
    return [e.reference("Citation", ids.of_key(key)) for key in keys]


def _statement(statement: dict, names: dict[str, str], flagged: dict[str, dict]) -> str:
    cited = [
        ", ".join(filter(None, [names[one["key"]], one.get("locator")]))
        for one in statement.get("citations", [])
    ]
    sources = f" [{escape('; '.join(cited))}]" if cited else ""
    words, told = escape(statement["text"]), escape(marks.of_statement(statement, flagged))
    return f'<p id="{escape(statement["anchor"])}">{words}{sources} <i>({told})</i></p>'


def _table(table: Table, names: dict[str, str], flagged: dict[str, dict]) -> dict:
    head = "".join(f"<th>{escape(name)}</th>" for name in [*table.columns, "Certainty and sources"])
    rows = "".join(_row(row, names, flagged) for row in table.rows)
    cited = dict.fromkeys(key for row in table.rows for key in row.references)
    html = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return {
        "title": str(table.title),
        "code": e.words(table.name),
        "text": e.narrative(e.paragraphs([str(table.caption), str(table.note)]) + html),
        "entry": _citations(cited),
    }


def _row(row: Row, names: dict[str, str], flagged: dict[str, dict]) -> str:
    told = marks.plain(row.certainty, row.awaiting_check, row.references, flagged)
    told += [names[key] for key in row.references if key in names]
    told += [str(row.source)] if row.source else []
    cells = [*map(_cell, row.cells), "; ".join(told)]
    return "<tr>" + "".join(f"<td>{escape(words)}</td>" for words in cells) + "</tr>"


def _cell(cell: Cell) -> str:
    return " ".join(str(part) for part in (cell.badge, cell.text, cell.note) if part)

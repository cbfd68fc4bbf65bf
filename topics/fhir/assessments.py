"""How sure a statement is, as an ArtifactAssessment: the rating of GRADE, and what is open."""

from collections.abc import Iterator
from datetime import datetime

from hsc_portal import languages
from topics import documents
from topics.fhir import elements as e
from topics.fhir import ids
from topics.fhir.compositions import LICENSE, ident_of, is_graded
from topics.reading import NotPublished, Reading


def assessments(reading: Reading, origin: str, changed: datetime) -> list[dict]:
    """Return the assessments of all graded statements of an edition, in their order."""
    return [assessment(reading, one, origin, changed) for one in graded(reading.document)]


def graded(document: dict) -> Iterator[dict]:
    return filter(is_graded, documents.all_statements(document))


def one_of(reading: Reading, ident: str, origin: str, changed: datetime) -> dict:
    """Return the assessment that has an id. Raises NotPublished if the edition has none such."""
    for statement in graded(reading.document):
        if ids.of_statement(reading.edition.topic_id, statement["anchor"]) == ident:
            return assessment(reading, statement, origin, changed)
    raise NotPublished(ident)


def assessment(reading: Reading, statement: dict, origin: str, changed: datetime) -> dict:
    edition, document = reading.edition, reading.document
    page = origin + languages.permanent("edition", reading.slug, edition.number)
    address = f"{page}#{statement['anchor']}"
    day = edition.approved_at and edition.approved_at.date().isoformat()
    return e.versioned(edition.number, changed, e.tidy({
        "resourceType": "ArtifactAssessment",
        "id": ids.of_statement(edition.topic_id, statement["anchor"]),
        "text": e.narrative(e.paragraphs([statement["text"]]), document.get("language", "en")),
        "title": f"Certainty of a statement in “{document['title']}”",
        "citeAsMarkdown": f"{e.PORTAL}. {document['title']}, edition {edition.number}. {address}",
        "date": e.instant(edition.published_at),
        "copyright": LICENSE,
        "approvalDate": day,
        "lastReviewDate": day,
        "artifactReference": e.reference("Composition", ident_of(reading), document["title"]),
        "content": [_rating(statement, address), *_open(statement)],
        "workflowStatus": "published",
    }))  # fmt: skip


def _rating(statement: dict, address: str) -> dict:
    return {
        "informationType": "rating",
        "summary": statement["text"],
        "type": e.concept("certainty-type", "Overall"),
        "classifier": [e.concept("certainty-rating", statement["certainty"])],
        "path": [address],
        "relatedArtifact": [_cited(citation) for citation in statement.get("citations", [])],
        "freeToShare": True,
    }


def _cited(citation: dict) -> dict:
    return {
        "type": "cites",
        "display": citation.get("locator"),
        "resourceReference": e.reference("Citation", ids.of_key(citation["key"])),
    }


def _open(statement: dict) -> Iterator[dict]:
    if statement.get("awaiting_check"):
        yield {"informationType": "comment", "summary": "The check of the source is awaited."}
    if not statement.get("citations"):
        told = "Uncited: the grade is that of the editors."
        yield {"informationType": "comment", "summary": told}

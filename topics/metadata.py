"""What reference managers and search engines find in the page of a topic: the page as a work.

The forms are those of `references.metadata`; the work is the edition, as `topics.citing` cites it.
"""

from django.utils import timezone

from hsc_portal import schema_org
from hsc_portal.rest import LICENSE_URL
from references import metadata, shown
from topics import citing
from topics.choices import Kind, Match
from topics.reading import Reading

# Each weighs 150 bytes, compressed; a page that cites more leaves them to that on how to cite it.
MOST = 50
# What schema.org calls the subject of a topic.
SUBJECTS = {
    Kind.OVERVIEW: "MedicalEntity",
    Kind.THERAPY: "MedicalTherapy",
    Kind.AGENT: "Drug",
    Kind.CONDITION: "MedicalCondition",
    Kind.COMPLICATION: "MedicalCondition",
}


def of_page(reading: Reading, origin: str) -> dict:
    """Return what the template of a topic page writes for programs."""
    work = citing.item(reading, origin)
    return {
        "highwire": metadata.highwire(work),
        "coins": coins(reading, origin, MOST),
        "linked_data": _linked_data(reading, work, origin),
    }


def coins(reading: Reading, origin: str, most: int | None = None) -> list[str]:
    """Return the context objects of the page and of all that it cites.

    If it cites more than `most`, the page alone has one.
    """
    cited = reading.document["references"]
    if most is not None and len(cited) > most:
        cited = []
    return [metadata.coins(item) for item in (citing.item(reading, origin), *cited)]


def _cited(references: list[dict]) -> list[str]:
    """Return where the publications are that a page cites, unless they are too many."""
    if len(references) > MOST:
        return []
    return [places[0]["address"] for item in references if (places := shown.links(item))]


def _linked_data(reading: Reading, work: dict, origin: str) -> dict:
    """Return the page in the words of schema.org. Publications are named by where they are."""
    document, edition = reading.document, reading.edition
    portal = schema_org.organization(origin)
    found = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": document["title"],
        "description": document.get("summary"),
        "url": work["URL"],
        "inLanguage": work["language"],
        "version": edition.number,
        "datePublished": timezone.localdate(edition.published_at),
        "author": {"@type": "Organization", "name": citing.PORTAL},
        "publisher": portal,
        "license": LICENSE_URL,
        "citation": _cited(document["references"]),
        "about": _subject(document),
        "medicalAudience": "https://schema.org/Clinician",
        "specialty": "https://schema.org/Hematologic",
    }
    if edition.is_reviewed:
        found["lastReviewed"] = timezone.localdate(edition.approved_at)
        found["reviewedBy"] = {"@type": "Person", "name": edition.approved_by_name}
    return {name: value for name, value in found.items() if value}


def _subject(document: dict) -> dict:
    """Return what a page is about, with the codes that mean just this."""
    found = {
        "@type": SUBJECTS[document["kind"]],
        "name": document["title"],
        "alternateName": document.get("synonyms"),
        "code": [
            {"@type": "MedicalCode", "codeValue": code["code"], "codingSystem": code["system"]}
            for code in document.get("codes", [])
            if code["match"] == Match.EXACT and code.get("verified", True)
        ],
    }
    return {name: value for name, value in found.items() if value}

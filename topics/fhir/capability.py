"""What the server can do, as a CapabilityStatement."""

from hsc_portal.rest import LICENSE_URL
from topics.fhir import elements as e
from topics.fhir import searching

VERSION = "5.0.0"
# When what the server can do last changed.
DAY = "2026-11-23"
# What each resource is for, and by what it is searched.
RESOURCES = {
    "Composition": ("An edition of a topic.", searching.OF_TOPICS),
    "DocumentReference": ("Where an edition is read.", searching.OF_TOPICS),
    "Bundle": ("A topic as a document, with all that it rests on.", {}),
    "Citation": ("A publication, and what was told of it since.", searching.OF_PUBLICATIONS),
    "ArtifactAssessment": ("How sure a statement is.", searching.OF_ASSESSMENTS),
}


def capability(origin: str) -> dict:
    return e.tidy({
        "resourceType": "CapabilityStatement",
        "url": f"{origin}/fhir/metadata",
        "version": "1.0.0",
        "name": "HSCPortal",
        "title": e.PORTAL,
        "status": "active",
        "date": DAY,
        "publisher": e.PORTAL,
        "description": "Graded, cited and dated statements about hematopoietic stem cells.",
        "copyright": f"CC BY 4.0, {LICENSE_URL}",
        "kind": "instance",
        "software": {"name": e.PORTAL},
        "implementation": {"description": e.PORTAL, "url": f"{origin}/fhir"},
        "fhirVersion": VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "documentation": "Read-only; no key is needed. Withdrawn topics answer 410.",
            "security": {"cors": True},
            "resource": [_resource(name) for name in RESOURCES],
        }],
    })  # fmt: skip


def _resource(name: str) -> dict:
    about, parameters = RESOURCES[name]
    interactions = ["read", "vread", *(["search-type"] if parameters else [])]
    return {
        "type": name,
        "documentation": about,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned",
        # Of a publication only the newest version is kept.
        "readHistory": name != "Citation",
        "conditionalRead": "not-match",
        "searchParam": [
            {"name": name, "type": parameter.kind, "documentation": parameter.about}
            for name, parameter in parameters.items()
        ],
    }

"""Several resources together: a topic with all that it rests on, and what a search found."""

from datetime import datetime

from references.models import Reference
from topics.fhir import elements as e
from topics.fhir.assessments import assessments
from topics.fhir.citations import citation
from topics.fhir.compositions import composition, document_reference, ident_of
from topics.reading import Reading


def document(reading: Reading, origin: str, changed: datetime) -> dict:
    """Return an edition as a document: the Composition first, then what it refers to.

    The publications are as they are known today, so a retraction shows in an old edition, too.
    """
    keys = [item["id"] for item in reading.document["references"]]
    found = {one.key: one for one in Reference.objects.with_notices().filter(key__in=keys)}
    resources = [
        composition(reading, origin, changed),
        document_reference(reading, origin, changed),
        *assessments(reading, origin, changed),
        *(citation(found[key], origin) for key in keys),
    ]
    return e.versioned(reading.number, changed, {
        "resourceType": "Bundle",
        "id": ident_of(reading),
        # Of what is said here: the same edition with another notice is another document.
        "identifier": {"system": f"{origin}/fhir/Bundle", "value": reading.state},
        "type": "document",
        "timestamp": e.instant(changed),
        "entry": [entry(resource, origin) for resource in resources],
    })  # fmt: skip


def entry(resource: dict, origin: str) -> dict:
    return {"fullUrl": address(resource, origin), "resource": resource}


def address(resource: dict, origin: str) -> str:
    return f"{origin}/fhir/{resource['resourceType']}/{resource['id']}"


def searchset(resources: list[dict], total: int, links: dict[str, str], origin: str) -> dict:
    """Return a page of what was found. `links` are those to this page and others, by relation."""
    entries = [{**entry(resource, origin), "search": {"mode": "match"}} for resource in resources]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        **({"entry": entries} if entries else {}),
    }

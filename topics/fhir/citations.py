"""A publication as a Citation: what it is, where it is, and what was told of it since.

A publication that was retracted says so by its state, and names each notice that holds.
"""

import re
from collections.abc import Iterator

from references import csl, shown
from references.formats.writing import date_parts, first_and_last_page, is_cut
from references.models import Notice, Reference
from references.notices.kinds import NoticeKind
from topics.fhir import elements as e
from topics.fhir import ids

DOI, PUBMED = "https://doi.org", "https://pubmed.ncbi.nlm.nih.gov"
PMC = "https://www.ncbi.nlm.nih.gov/pmc/articles"
_PERIODICAL, _BOOK, _DATASET = "D020492", "D001877", "D064886"
PUBLISHED_IN = {
    "article-journal": _PERIODICAL, "article-magazine": _PERIODICAL,
    "article-newspaper": _PERIODICAL, "review": _PERIODICAL, "chapter": _BOOK, "book": _BOOK,
    "entry": _BOOK, "entry-encyclopedia": _BOOK, "dataset": _DATASET,
}  # fmt: skip
RELATIONS = {
    NoticeKind.RETRACTION: "retracted-by",
    NoticeKind.REMOVAL: "retracted-by",
    NoticeKind.CORRECTION: "correction-in",
    NoticeKind.CONCERN: "comment-in",
    NoticeKind.REINSTATEMENT: "comment-in",
    NoticeKind.OTHER: "comment-in",
}
GRAVE = (NoticeKind.CORRECTION, NoticeKind.CONCERN)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


def citation(found: Reference, origin: str) -> dict:
    """Return a publication as a resource. Its version is a digest of all that it says."""
    item, ident = shown.public(found.csl), ids.of_key(found.key)
    made = e.tidy({
        "resourceType": "Citation",
        "id": ident,
        "text": e.narrative(e.paragraphs([_printed(item), _state_in_words(found)])),
        "contained": [person for _, person in _people(item)],
        "url": f"{origin}/fhir/Citation/{ident}",
        "identifier": _own_identifiers(found, origin),
        "title": found.title,
        "status": "active",
        "publisher": e.PORTAL,
        "summary": [{"style": e.words("Close to Vancouver"), "text": _printed(item)}],
        "note": [{"text": _state_in_words(found)}],
        "citedArtifact": _artifact(found, item),
    })  # fmt: skip
    return {**made, "meta": {"versionId": e.digest(made)}}


def _own_identifiers(found: Reference, origin: str) -> list[dict]:
    keys = [found.key, *getattr(found, "other_keys", ())]
    return [{"system": f"{origin}/references", "value": key} for key in keys]


def _artifact(found: Reference, item: dict) -> dict:
    return {
        "identifier": [
            {"system": DOI, "value": found.doi} if found.doi else {},
            {"system": PUBMED, "value": found.pmid} if found.pmid else {},
            {"system": PMC, "value": found.pmcid} if found.pmcid else {},
        ],
        "dateAccessed": _date(item, "accessed"),
        **_state(found, item),
        "title": [
            {
                "type": [e.concept("title-type", "primary")],
                "language": _spoken(item),
                "text": item["title"],
            }
        ],
        "abstract": [{"text": text}] if (text := shown.abstract(item)) else [],
        "relatesTo": list(_notices(found)),
        "publicationForm": [_form(item)],
        "webLocation": list(_places(item)),
        "classification": list(_classes(found, item)),
        "contributorship": _contributors(item),
    }


def _state(found: Reference, item: dict) -> dict:
    system = "cited-artifact-status-type"
    if found.status == Reference.Status.RETRACTED:
        told = e.concept(system, "retracted")
        dated = found.status_on and {
            "activity": told,
            "actual": True,
            "period": {"start": found.status_on.isoformat()},
        }
        return {"currentState": [told], "statusDate": [dated] if dated else []}
    is_final = item.get("type") == "article-journal" and item.get("volume")
    return {"currentState": [e.concept(system, "published-final-form")] if is_final else []}


def _state_in_words(found: Reference) -> str:
    """Return what readers must be told of the publication now, "" if nothing is known."""
    if found.status == Reference.Status.CURRENT:
        return ""
    day = f", {found.status_on:%Y-%m-%d}" if found.status_on else ""
    parts = [f"{found.get_status_display()}{day}.", found.status_notice]
    return " ".join(filter(None, parts))


def _notices(found: Reference) -> Iterator[dict]:
    """Yield the notices. One that was lifted or taken back must not look as if it held."""
    status = found.status
    for notice in found.history:
        kind = NoticeKind(notice.kind)
        relation = RELATIONS.get(kind)
        is_lifted = relation == "retracted-by" and status != Reference.Status.RETRACTED
        is_lifted |= kind in GRAVE and status == Reference.Status.CURRENT
        if relation and not is_lifted:
            yield _notice(notice, relation)


def _notice(notice: Notice, relation: str) -> dict:
    told = [notice.get_kind_display(), f"{notice.date:%Y-%m-%d}" if notice.date else ""]
    return {
        "type": relation,
        "label": notice.get_kind_display(),
        "display": ", ".join(filter(None, [*told, f"told by {notice.get_source_display()}"])),
        "citation": notice.words,
        "document": {"url": notice.url},
    }


def _form(item: dict) -> dict:
    kind = item.get("type", "")
    code = PUBLISHED_IN.get(kind)
    first, last = first_and_last_page(item)
    container = item.get("container-title") or (item["title"] if kind == "book" else "")
    numbers = [("urn:issn", item.get("ISSN")), ("urn:isbn", item.get("ISBN"))]
    publisher = item.get("publisher")
    return {
        "publishedIn": {
            "type": e.concept("published-in-type", code) if code else e.words(kind),
            "identifier": [
                {"system": system, "value": str(value)} for system, value in numbers if value
            ],
            "title": container,
            "publisher": {"type": "Organization", "display": publisher} if publisher else {},
            "publisherLocation": item.get("publisher-place"),
        },
        "volume": _text(item, "volume"),
        "issue": _text(item, "issue"),
        "articleDate": _date(item, "issued"),
        "language": [_spoken(item)],
        "pageString": _text(item, "page"),
        "firstPage": first,
        "lastPage": last,
    }


def _text(item: dict, name: str) -> str:
    return str(item.get(name) or "")


def _date(item: dict, name: str) -> str:
    parts = date_parts({"issued": item.get(name) or {}})
    # FHIR has four digits for a year, and no year before the first.
    if not parts or not 1000 <= parts[0] <= 9999:
        return ""
    return "-".join(f"{part:02}" for part in parts)


def _spoken(item: dict) -> dict | None:
    code = str(item.get("language") or "")
    return e.language(code) if _LANGUAGE.fullmatch(code) else None


def _places(item: dict) -> Iterator[dict]:
    """Yield where it can be read; a DOI's address is known as one."""
    for place in shown.links(item):
        address = place["address"]
        if any(sign.isspace() for sign in address):
            continue
        is_doi = address.startswith(shown.DOI)
        kind = "doi-based" if is_doi else "webpage"
        yield {"classifier": [e.concept("artifact-url-classifier", kind)], "url": address}


def _classes(found: Reference, item: dict) -> Iterator[dict]:
    kinds = {"article-journal": "D016428", "book": "D001877", "dataset": "D064886",
             "webpage": "webpage"}  # fmt: skip
    kind = item.get("type", "")
    code = kinds.get(kind)
    yield {
        "type": e.concept("cited-artifact-classification-type", "publication-type"),
        "classifier": [e.concept("citation-artifact-classifier", code) if code else e.words(kind)],
    }
    study = [e.words(found.get_study_type_display())]
    yield {"type": e.words("Type of study"), "classifier": study}


def _people(item: dict) -> Iterator[tuple[str, dict]]:
    """Yield each author and editor that has a name, with the part they had."""
    number = 0
    for role in ("author", "editor"):
        for person in item.get(role) or []:
            family, literal = person.get("family"), person.get("literal")
            if not (family or literal or person.get("given")):
                continue
            number += 1
            if literal:
                yield role, {"resourceType": "Organization", "id": f"c{number}", "name": literal}
                continue
            name = " ".join(filter(None, [person.get("non-dropping-particle"), family]))
            given = person.get("given")
            full = {
                "family": name, "given": [given] if given else [],
                "suffix": [person["suffix"]] if person.get("suffix") else [],
            }  # fmt: skip
            yield role, {"resourceType": "Practitioner", "id": f"c{number}", "name": [full]}


def _contributors(item: dict) -> dict:
    entries = [
        {
            "contributor": {"reference": f"#{person['id']}"},
            "role": e.concept("contributor-role", role),
            "rankingOrder": number,
        }
        for number, (role, person) in enumerate(_people(item), 1)
    ]
    authors = csl.authors(item)
    if not entries:
        return {}
    return {
        "complete": not is_cut(item),
        "entry": entries,
        "summary": [
            {"type": e.concept("contributor-summary-type", "author-string"), "value": authors}
        ],
    }


def _printed(item: dict) -> str:
    told = shown.shown(item)
    parts = [f"{told['authors']}." if told["authors"] else "", f"{told['title']}{told['stop']}"]
    return " ".join([*filter(None, parts), f"{told['source']}." if told["source"] else ""]).strip()

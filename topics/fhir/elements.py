"""What resources are made of: codes, narratives, moments, references."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.html import escape

from hsc_portal.xml_text import writable

HL7 = "http://hl7.org/fhir"
USAGE = "http://terminology.hl7.org/CodeSystem/usage-context-type"
LANGUAGES = "urn:ietf:bcp:47"
PORTAL = "HSC Portal"
# Of a digest that tells two versions apart.
DIGITS = 16
XHTML = "http://www.w3.org/1999/xhtml"


def tidy(value: Any) -> Any:
    """Return an element without members that are empty, which FHIR does not allow.

    >>> tidy({"a": "", "b": [{"c": None}], "d": False})
    {'d': False}
    """
    if isinstance(value, dict):
        found = {name: tidy(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if not _is_empty(each)}
    if isinstance(value, list):
        return [each for each in map(tidy, value) if not _is_empty(each)]
    return value.strip() if isinstance(value, str) else value


def versioned(number: int, changed: datetime, made: dict) -> dict:
    """Return what is told of an edition with its version and when it changed last.

    An edition never changes, but what is told beside it does, so its number is followed by a
    digest of all that is said here.
    """
    meta = {"versionId": f"{number}-{digest(made)}", "lastUpdated": instant(changed)}
    return {"resourceType": made["resourceType"], "id": made["id"], "meta": meta, **made}


def digest(resource: dict) -> str:
    text = json.dumps(resource, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", {}, [])


def coding(system: str, code: str, display: str = "") -> dict:
    """Return a code; a system without a scheme is one of FHIR itself."""
    address = system if ":" in system else f"{HL7}/{system}"
    return {"system": address, "code": code, "display": display}


def concept(system: str, code: str, text: str = "") -> dict:
    return {"coding": [coding(system, code)], "text": text}


def language(code: str) -> dict:
    return concept(LANGUAGES, code)


def words(text: str) -> dict:
    """Return a concept that no terminology has a code for."""
    return {"text": text}


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def reference(kind: str, ident: str, display: str = "") -> dict:
    return {"reference": f"{kind}/{ident}", "type": kind, "display": display}


def narrative(html: str, spoken: str = "en") -> dict:
    div = f'<div xmlns="{XHTML}" lang="{escape(spoken)}" xml:lang="{escape(spoken)}">{html}</div>'
    return {"status": "generated", "div": writable(div)}


def paragraphs(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)

"""What reading answers of all registries shares."""

import json
from urllib.parse import urlencode

from django.conf import settings

from references.formats import reading
from references.registries.faults import NotUnderstood

# How the National Library of Medicine asks to be told who asks.
TOOL = "hsc-portal"


def base(name: str) -> str:
    return settings.REGISTRIES[name].rstrip("/")


def query(**values: str) -> str:
    return urlencode({name: value for name, value in values.items() if value}, safe=",:/")


def who() -> dict[str, str]:
    return {"tool": TOOL, "email": settings.CONTACT_EMAIL}


def object_of(body: bytes) -> dict:
    """Return an answer that is a JSON object. Raises NotUnderstood."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("Its answer is broken off, or no JSON.") from error
    if not isinstance(found, dict):
        raise NotUnderstood("Its answer is no JSON object.")
    return found


def first(value: object) -> str:
    """Return a text, or the first of several."""
    if isinstance(value, list):
        value = next(iter(value), "")
    return reading.tidy(value) if isinstance(value, str | int) else ""


def people(found: list, given: str, family: str, name: str) -> list[dict]:
    """Return persons, and groups by their names; each is an object with fields of these names."""
    named = []
    for person in found or []:
        if last := reading.tidy(person.get(family)):
            suffix = reading.tidy(person.get("suffix"))
            named.append(reading.named(last, reading.tidy(person.get(given)), suffix))
        elif group := reading.tidy(person.get(name)):
            named.append({"literal": group})
    return named

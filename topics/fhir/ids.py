"""The ids of resources. FHIR allows 64 letters, digits, hyphens and dots, and no underscore.

A slug is its own id, and so is a key, with a dot for each underscore: neither has dots. A topic
whose slug is too long is named by its number.
"""

import hashlib
import re
from collections.abc import Iterable

from topics.models import PublishedSlug
from topics.reading import NotPublished

FORM = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
LONGEST = 64
_BY_NUMBER = re.compile(r"topic\.(\d{1,18})", re.ASCII)
_OF_STATEMENT = re.compile(r"(\d{1,18})\.(.+)", re.ASCII)


def of_key(key: str) -> str:
    return key.replace("_", ".")


def key_of(ident: str) -> str:
    return ident.replace(".", "_")


def of_topic(slug: str, number: int) -> str:
    return of_key(slug) if len(slug) <= LONGEST else f"topic.{number}"


def slug_of(ident: str) -> str:
    """Return the address of the topic that an id names. Raises NotPublished."""
    if numbered := _BY_NUMBER.fullmatch(ident):
        return _slug_by_number(int(numbered[1]))
    if not FORM.fullmatch(ident):
        raise NotPublished(ident)
    return key_of(ident)


def topics(idents: Iterable[str]) -> tuple[list[int], list[str]]:
    """Return the numbers and the addresses of topics that ids name, without asking for any."""
    numbers, slugs = [], []
    for ident in idents:
        if numbered := _BY_NUMBER.fullmatch(ident):
            numbers.append(int(numbered[1]))
        elif FORM.fullmatch(ident):
            slugs.append(key_of(ident))
    return numbers, slugs


def of_statement(topic: int, anchor: str) -> str:
    """Return the id of the assessment of a statement, by its topic and its name in that."""
    plain = f"{topic}.{anchor}"
    if len(plain) <= LONGEST:
        return plain
    # No name begins with a dot.
    return f"{topic}..{hashlib.sha256(anchor.encode()).hexdigest()[:24]}"


def topic_of_statement(ident: str) -> str:
    """Return the address of the topic in which a statement stands. Raises NotPublished."""
    found = _OF_STATEMENT.fullmatch(ident)
    if found is None or not FORM.fullmatch(ident):
        raise NotPublished(ident)
    return _slug_by_number(int(found[1]))


def _slug_by_number(number: int) -> str:
    """Return where a topic is now, else where it was. Raises NotPublished."""
    known = PublishedSlug.objects.filter(topic=number)
    slugs = known.values_list("topic__listing__slug", "slug").order_by("slug")
    for listed_at, slug in slugs:
        return listed_at or slug
    raise NotPublished(str(number))

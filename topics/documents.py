"""Documents: a whole topic as one JSON object, the one form in which it is kept and exchanged.

A Document is built from rows and loaded back into rows without loss. Its canonical text (keys
sorted, no spaces, UTF-8) has a sha256 digest, and to that digest approvals and editions are bound:

    >>> digest(canonical({"schema": 1, "title": "Plerixafor"}))[:12]
    '8ab3848514f8'

Documents of an older schema are brought up to date when they are read, by pure functions, and
never rewritten where they are kept.
"""

import hashlib
import json
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from references.models import Reference
from topics import statements
from topics.models import PublishedSlug, Topic

SCHEMA = 1

# From each older schema number, the function that makes the next one of it.
UPGRADES: dict[int, Callable[[dict], dict]] = {}


def build(topic: Topic) -> dict:
    """Return the Document of a topic's rows as they are now.

    Raises ValidationError for Markdown that cannot be read, for two statements of one name, and
    for a citation of an unknown reference.
    """
    topic = topic.specific
    document = {"schema": SCHEMA, **topic.to_document()}
    add_statements(document)
    _refuse_links_to_nowhere(document)
    document["references"] = _publications(cited_keys(document))
    return document


def add_statements(document: dict) -> None:
    """Write the statements and the anchor of each section into its part of the Document."""
    everything, taken = [], set()
    for section in document.get("sections", []):
        try:
            found = statements.parse(section["body"])
        except ValidationError as error:
            raise ValidationError(
                [f"Section “{section['heading']}”: {message}" for message in error.messages]
            ) from error
        section["anchor"] = statements.unused(slugify(section["heading"])[:60] or "section", taken)
        taken.add(section["anchor"])
        section["statements"] = found
        everything += found
    _refuse_anchors_of_sections(everything, taken)
    statements.name_statements(everything)
    for section in document.get("sections", []):
        section["statements"] = [statement.to_document() for statement in section["statements"]]


def _refuse_links_to_nowhere(document: dict) -> None:
    slugs = {slug for statement in all_statements(document) for slug in statement.get("links", [])}
    drafted = Topic.objects.filter(slug__in=slugs).values_list("slug", flat=True)
    published = PublishedSlug.objects.filter(slug__in=slugs).values_list("slug", flat=True)
    if unknown := sorted(slugs.difference(drafted, published)) if slugs else []:
        raise ValidationError(
            f"There is no topic {', '.join(unknown)}. Mend the link topic:{unknown[0]}."
        )


def _refuse_anchors_of_sections(everything: list[statements.Statement], taken: set[str]) -> None:
    for statement in everything:
        if statement.anchor in taken:
            raise ValidationError(
                f"The name #{statement.anchor} is that of a section. Give the statement another."
            )


def load(document: dict, topic: Topic | None = None) -> Topic:
    """Make the rows of a topic those of a Document, and return it.

    Without `topic` the topic of the Document's slug is changed, or a new one created. Publications
    that the library lacks are added to it; those it has are left as they are.
    Raises ValidationError, and changes nothing, for a Document that cannot be loaded.
    """
    document = read(document)
    model = Topic.class_for(document["kind"])
    with transaction.atomic():
        for item in document.get("references", []):
            Reference.objects.get_or_create(key=item["id"], defaults={"csl": item})
        if topic is None:
            topic = Topic.at(document["slug"]) or model()
        topic = topic.specific if topic.pk else topic
        if not isinstance(topic, model):
            raise ValidationError(f"“{topic}” is not a topic of the kind {document['kind']}.")
        topic.load_fields(document)
        topic.load_rows(document)
    return model.objects.get(pk=topic.pk)


def read(document: dict) -> dict:
    """Return a Document in the present schema. Raises ValidationError for a schema unknown here."""
    schema = document.get("schema")
    while schema in UPGRADES:
        document = UPGRADES[schema](document)
        schema = document["schema"]
    if schema != SCHEMA:
        raise ValidationError(
            f"The document has schema {schema}; this version of the portal reads up to {SCHEMA}."
        )
    return document


def canonical(document: dict) -> str:
    """Return the one text of a Document: keys sorted, no spaces, characters as they are."""
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def digest(text: str) -> str:
    """Return the sha256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def cited_keys(document: dict) -> set[str]:
    """Return the keys of all references that a Document cites, in statements, facts and rows."""
    keys = {
        citation["key"]
        for statement in all_statements(document)
        for citation in statement.get("citations", [])
    }
    return keys.union(*(row.get("references", []) for row in graded_rows(document)))


def all_statements(document: dict) -> Iterator[dict]:
    """Yield each statement of a Document in reading order."""
    for section in document.get("sections", []):
        yield from section["statements"]


def graded_rows(document: dict) -> Iterator[dict]:
    """Yield whatever else in a Document says what it rests on: its facts, then each table row."""
    yield document.get("facts", {})
    for rows in document.get("tables", {}).values():
        yield from rows


def named_topics(document: dict) -> set[str]:
    """Return the slugs of all topics that a Document names: relations, tables, links in text."""
    slugs = {relation["target"] for relation in document.get("relations", [])}
    for statement in all_statements(document):
        slugs.update(statement.get("links", []))
    for rows in document.get("tables", {}).values():
        for row in rows:
            slugs.update(row[name] for name in ("agent", "complication") if name in row)
    return slugs


def _publications(keys: set[str]) -> list[dict]:
    found = dict(Reference.objects.filter(key__in=keys).values_list("key", "csl"))
    if unknown := sorted(keys - found.keys()):
        raise ValidationError(
            f"Unknown reference {', '.join(unknown)}. Add it to the library, or mend the citation."
        )
    return [found[key] for key in sorted(found)]

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
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from references.models import Reference
from references.shown import public
from topics import statements
from topics.models import PublishedSlug, Topic

SCHEMA = 2
"""The newest schema. A Document is written in the oldest one that can hold what it says: a new
schema must not change the digest of a text that says nothing new, and so outdate its approval."""

# From each older schema number, the function that makes the next one of it.
UPGRADES: dict[int, Callable[[dict], dict]] = {
    # Schema 2 has figures.
    1: lambda document: document | {"schema": 2},
}


def build(topic: Topic) -> dict:
    """Return the Document of a topic's rows as they are now.

    Raises ValidationError for Markdown that cannot be read, for two statements of one name, and
    for a citation of an unknown reference.
    """
    return build_all([topic])[0]


def build_all(topics: list[Topic]) -> list[dict]:
    """Return the Documents of many topics, in as many queries as that of one. See `build`."""
    topics = Topic.specific_of(topics)
    rows = {
        model: model.rows_of([topic for topic, _ in own])
        for model, own in _by_class(topics, topics).items()
    }
    made = [_in_its_schema(topic.to_document(rows[type(topic)])) for topic in topics]
    for topic, document in zip(topics, made, strict=True):
        with _named_in_faults(topic):
            add_statements(document)
            _refuse_misplaced_figures(document)
    links, cited = [_links(document) for document in made], [cited_keys(each) for each in made]
    known, found = _addresses(set().union(*links)), _publications(set().union(*cited))
    for topic, document, slugs, keys in zip(topics, made, links, cited, strict=True):
        with _named_in_faults(topic):
            _refuse_unknown(slugs - known, keys - found.keys())
        document["references"] = [found[key] for key in sorted(keys)]
    return made


def _in_its_schema(document: dict) -> dict:
    """Return a Document with the number of the oldest schema that can hold it."""
    return {"schema": 2 if document.get("figures") else 1, **document}


def _by_class(topics: list[Topic], others: list) -> dict[type[Topic], list[tuple[Topic, Any]]]:
    """Return topics, each with what stands in its place of the other list, by their class."""
    found = defaultdict(list)
    for topic, other in zip(topics, others, strict=True):
        found[type(topic)].append((topic, other))
    return found


@contextmanager
def _named_in_faults(topic: Topic) -> Iterator[None]:
    """Let whoever reads of a fault know which topic has it."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError(f"“{topic}”: {'; '.join(error.messages)}") from error


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


def _links(document: dict) -> set[str]:
    """Return the slugs of all topics that the statements of a Document link to."""
    return {slug for statement in all_statements(document) for slug in statement.get("links", [])}


def _addresses(slugs: set[str]) -> set[str]:
    """Return those slugs at which a topic is or was."""
    if not slugs:
        return set()
    drafted = Topic.objects.filter(slug__in=slugs).values_list("slug", flat=True)
    published = PublishedSlug.objects.filter(slug__in=slugs).values_list("slug", flat=True)
    return {*drafted, *published}


def _publications(keys: set[str]) -> dict[str, dict]:
    """Return the publications of the library that have those keys."""
    if not keys:
        return {}
    found = Reference.objects.filter(key__in=keys).values_list("key", "csl")
    return {key: public(csl) for key, csl in found}


def _refuse_unknown(slugs: set[str], keys: set[str]) -> None:
    if slugs:
        raise ValidationError(
            f"There is no topic {', '.join(sorted(slugs))}. Mend the link topic:{min(slugs)}."
        )
    if keys:
        raise ValidationError(
            f"Unknown reference {', '.join(sorted(keys))}. "
            "Add it to the library, or mend the citation."
        )


def _refuse_anchors_of_sections(everything: list[statements.Statement], taken: set[str]) -> None:
    for statement in everything:
        if statement.anchor in taken:
            raise ValidationError(
                f"The name #{statement.anchor} is that of a section. Give the statement another."
            )


def _refuse_misplaced_figures(document: dict) -> None:
    known, placed = {figure["key"] for figure in document.get("figures", [])}, set()
    for section in document.get("sections", []):
        for key in statements.placed_figures(section["body"]):
            where = f"Section “{section['heading']}”:"
            if key not in known:
                raise ValidationError(f"{where} There is no figure “{key}”. Upload it first.")
            if key in placed:
                raise ValidationError(f"{where} The figure “{key}” is placed already.")
            placed.add(key)


def load(document: dict, topic: Topic | None = None) -> Topic:
    """Make the rows of a topic those of a Document, and return it.

    Without `topic` the topic of the Document's slug is changed, or a new one created. Publications
    that the library lacks are added to it; those it has are left as they are.
    Raises ValidationError, and changes nothing, for a Document that cannot be loaded.
    """
    known = {document["slug"]: topic} if topic else None
    return load_all([document], known)[0]


@transaction.atomic
def load_all(documents: list[dict], known: dict[str, Topic] | None = None) -> list[Topic]:
    """Load many Documents of different topics. See `load`; `known` are their topics by slug."""
    documents = [read(document) for document in documents]
    _add_publications(documents)
    if known is None:
        known = Topic.all_at({document["slug"] for document in documents})
    topics = [_with_fields(known.get(document["slug"]), document) for document in documents]
    for model, own in _by_class(topics, documents).items():
        model.load_rows(own)
    return Topic.specific_of(topics)


def _add_publications(documents: list[dict]) -> None:
    """Add to the library what it lacks of what Documents cite."""
    items = {item["id"]: item for each in documents for item in each.get("references", [])}
    for key in items.keys() - _publications(set(items)).keys():
        Reference.objects.get_or_create(key=key, defaults={"csl": items[key]})


def _with_fields(topic: Topic | None, document: dict) -> Topic:
    """Return a topic with the fields of a Document, but not its rows: a new one for None."""
    model = Topic.class_for(document["kind"])
    topic = topic.specific if topic else model()
    if not isinstance(topic, model):
        raise ValidationError(f"“{topic}” is not a topic of the kind {document['kind']}.")
    topic.load_fields(document)
    return topic


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

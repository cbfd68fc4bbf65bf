"""A judged collection: documents, queries, and which document answers which query.

A folder with `docs.jsonl` ({"id", "title", "text"} a line), `queries.tsv` (id and text) and
`qrels.txt` (TREC form: query, 0, document, relevance).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.text import slugify

# Markdown that a text from elsewhere does not mean.
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~@&=]|(?<=^\d)[.]|(?<=^\d\d)[.])")
TITLE_LENGTH = 200
BATCH = 200


class CollectionError(Exception):
    """A folder that is no collection; the message says what is missing."""


@dataclass
class Collection:
    documents: list[dict]
    queries: dict[str, str]
    judged: dict[str, dict[str, int]]

    @classmethod
    def read(cls, folder: Path) -> "Collection":
        """Read a collection. Raises CollectionError."""
        try:
            lines = (folder / "docs.jsonl").read_text().splitlines()
            documents = [json.loads(line) for line in lines if line.strip()]
            queries = dict(_fields(folder / "queries.tsv", "\t", 2))
            judged: dict[str, dict[str, int]] = {}
            for query, _, document, relevance in _fields(folder / "qrels.txt", None, 4):
                judged.setdefault(query, {})[document] = int(relevance)
        except (OSError, ValueError, KeyError) as error:
            raise CollectionError(f"{folder}: {error}") from error
        return cls(documents, queries, judged)


def _fields(path: Path, separator: str | None, number: int) -> Iterator[list[str]]:
    for n, line in enumerate(path.read_text().splitlines(), start=1):
        if line.strip():
            fields = line.split(separator, number - 1)
            if len(fields) != number:
                raise ValueError(f"{path.name}, line {n}: {number} fields are expected.")
            yield [field.strip() for field in fields]


def publish(documents: list[dict], report=lambda done: None) -> dict[int, str]:
    """Publish documents as topics, in batches. Returns their ids by the numbers of the topics."""
    from django.contrib.auth import get_user_model

    from topics import documents as forms
    from topics import publishing

    user, _ = get_user_model().objects.get_or_create(
        username="bench", first_name="Bench", is_superuser=True
    )
    ids: dict[int, str] = {}
    for begin in range(0, len(documents), BATCH):
        batch = documents[begin : begin + BATCH]
        topics = forms.load_all([as_document(each, n) for n, each in enumerate(batch, begin)])
        publishing.save_revisions(topics, author=user)
        publishing.publish_unreviewed(topics, publisher=user, change_note="Measured")
        ids |= {topic.pk: str(each["id"]) for topic, each in zip(topics, batch, strict=True)}
        report(len(ids))
    return ids


def as_document(each: dict, n: int) -> dict:
    """Return a document of a collection as the Document of an overview."""
    title = " ".join(each.get("title", "").split()) or f"Document {n}"
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", each["text"])]
    body = "\n\n".join(MARKUP.sub(r"\\\1", part) for part in paragraphs if part)
    return {
        "schema": 1,
        "kind": "overview",
        "slug": f"{slugify(title)[:60].strip('-')}-{n}".strip("-"),
        "title": title[:TITLE_LENGTH],
        "areas": ["biology"],
        "summary": title,
        "sections": [{"kind": "overview", "heading": "Text", "body": body or "Empty"}],
    }

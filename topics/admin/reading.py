"""What a reviewer reads before the verdict: the text, what changed in it, and what it cites."""

import difflib
from dataclasses import dataclass

from references import csl
from topics import contentfile
from topics.models import Review, Revision

CONTEXT_LINES = 1


@dataclass(frozen=True)
class Line:
    """A line of a comparison: `added`, `removed`, `kept`, or `gap` where lines are left out."""

    mark: str
    text: str


def text_of(document: dict) -> str:
    """Return a Document in the form in which editors write."""
    return contentfile.to_text(document)


def changes(before: dict, after: dict) -> list[Line]:
    """Return the lines in which two Documents differ, with a line around each."""
    compared = difflib.unified_diff(
        text_of(before).splitlines(), text_of(after).splitlines(), lineterm="", n=CONTEXT_LINES
    )
    marks = {"+": "added", "-": "removed", " ": "kept", "@": "gap"}
    # The first two lines name the compared files.
    return [
        Line(marks[line[0]], "…" if line[0] == "@" else line[1:]) for line in list(compared)[2:]
    ]


def publications(document: dict) -> list[dict]:
    """Return key, short description and DOI of each publication that a Document cites."""
    return [
        {
            "key": item["id"],
            "authors": csl.authors(item),
            "title": item["title"],
            "source": csl.source(item),
            "doi": item.get("DOI", ""),
        }
        for item in document.get("references", [])
    ]


def verdicts_on(revision: Revision) -> list[Review]:
    """Return the reviews of a revision's very text, oldest first."""
    return list(
        Review.objects.filter(revision__topic=revision.topic_id, revision__digest=revision.digest)
        .select_related("revision")
        .order_by("created_at", "pk")
    )

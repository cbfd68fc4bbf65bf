"""What a reviewer reads before the verdict: the text, what it cites, and other verdicts."""

from references import csl
from topics import contentfile
from topics.models import Review, Revision


def text_of(document: dict) -> str:
    """Return a Document in the form in which editors write."""
    return contentfile.to_text(document)


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

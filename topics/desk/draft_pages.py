"""A draft as readers would see it: the page of a topic, made of a revision by the same code."""

from collections.abc import Callable
from datetime import date

from hsc_portal.pages import html
from topics import documents, listings, pages
from topics.desk import inspecting
from topics.models import Edition, Revision
from topics.reading import Reading


def page(
    revision: Revision, origin: str, figure_address: Callable[[str, str], str], banner: dict
) -> str:
    """Return the page of a draft. `banner` is what is said of it on top: see topics/draft.html."""
    context = pages.context(_reading(revision, figure_address), origin)
    return html("topics/draft.html", context | {"is_draft": True, "revision": revision} | banner)


def pictures(revision: Revision) -> set[tuple[str, str]]:
    """Return sha256 and format of each picture that a revision shows."""
    figures = documents.read(revision.document).get("figures", [])
    return {(figure["sha256"], figure["format"]) for figure in figures}


def _reading(revision: Revision, figure_address) -> Reading:
    """Return what would be read if a revision were published now."""
    document = documents.read(revision.document)
    due = document.get("next_review")
    last = revision.topic.editions.last()
    number = last.number + 1 if last else 1
    found = Reading(
        kind=document["kind"], listed_at=document["slug"], edition_id=0, number=number,
        digest=revision.digest, hash="", current_id=0, current_number=number, stamp="",
        listed_review=date.fromisoformat(due) if due else None, withdrawal=None,
        flagged=inspecting.flagged(documents.cited_keys(document)), publications=[],
        figure_address=figure_address,
    )  # fmt: skip
    found.original = revision.document
    found.listing = listings.of_draft(revision.topic_id, document)
    found.edition = Edition(
        topic=revision.topic, number=number, revision=revision, digest=revision.digest,
        published_at=revision.created_at,
    )  # fmt: skip
    return found

"""What a reviewer must know of one draft before the verdict: what is open, and what is wrong.

The checks of `checking` are of the Document alone; here what it cites and links to is asked for as
it stands today.
"""

from references import csl
from references.models import Reference
from topics import checking, documents
from topics.checking import ERROR, WARNING, Finding
from topics.models import PublishedSlug

CHECKS = [check for check in checking.PAGE_CHECKS if check is not checking.missing_topics]


def inspect(document: dict) -> list[Finding]:
    """Return what is to be said of a Document, the gravest first."""
    slug = document["slug"]
    keys = documents.cited_keys(document)
    known = set(Reference.objects.filter(key__in=keys).values_list("key", flat=True))
    collection = checking.Collection({slug: document}, known)
    found = [finding for check in CHECKS for finding in check(slug, document, collection)]
    found += _broken_links(document)
    found += _review_date(document)
    found += _notices(document, flagged(keys))
    return sorted(found, key=lambda one: checking.LEVELS.index(one.level))


def flagged(keys: set[str]) -> dict[str, dict]:
    """Return by key each of the publications that readers must be warned of today."""
    found = Reference.objects.filter(key__in=keys).exclude(status=Reference.Status.CURRENT)
    values = found.values("key", "status", "status_on", "status_notice").order_by("key")
    return {value["key"]: value for value in values}


def _broken_links(document: dict) -> list[Finding]:
    named = documents.named_topics(document)
    there = PublishedSlug.objects.filter(slug__in=named, topic__listing__isnull=False)
    return [
        Finding(ERROR, "broken link", document["slug"], slug,
                "Readers would find nothing there: it was never published, or was withdrawn.")
        for slug in sorted(named - set(there.values_list("slug", flat=True)))
    ]  # fmt: skip


def _review_date(document: dict) -> list[Finding]:
    if document.get("next_review"):
        return []
    message = "Nobody would be told when the text is out of date. Set “Next review due”."
    return [Finding(ERROR, "no review date", document["slug"], "", message)]


def _notices(document: dict, warned: dict[str, dict]) -> list[Finding]:
    items = {item["id"]: item for item in document.get("references", [])}
    return [
        Finding(
            WARNING if flag["status"] == Reference.Status.CORRECTED else ERROR,
            f"{Reference.Status(flag['status']).label} publication".lower(),
            document["slug"],
            csl.short_name(items[key]) if key in items else key,
            flag["status_notice"] or "Read the notice, and what here rests on it.",
        )
        for key, flag in warned.items()
    ]

"""Linked objects in full, where a partner asks for them by `expand`: one query for each kind."""

import json

from references.api import ReferenceSerializer
from references.models import Reference
from topics import past
from topics.api import moments
from topics.api.serializers import ListingSerializer, listings
from topics.models import Edition


def topic(rows: list[dict], request) -> None:
    """Complete the `topic` of statements and codes by what lists of topics say of it."""
    _topics([row["topic"] for row in rows], request)


def condition(rows: list[dict], request) -> None:
    """The same for the `condition` of indications."""
    _topics([row["condition"] for row in rows], request)


def cited_by(rows: list[dict], request) -> None:
    """The same for the topics that cite a publication."""
    _topics([topic for row in rows for topic in row["cited_by"]], request)


def document(rows: list[dict], request) -> None:
    """Add the Document of the current edition to listed topics, or of the one that was current."""
    slugs = [row["slug"] for row in rows]
    if end := moments.moment(request):
        then = past.of_topics(slugs, end)
        texts = {each.revision.document["slug"]: each.revision.text for each in then}
    else:
        found = Edition.objects.filter(listing__slug__in=slugs)
        texts = dict(found.values_list("listing__slug", "revision__text"))
    for row in rows:
        row["document"] = json.loads(texts[row["slug"]]) if row["slug"] in texts else None


def citations(rows: list[dict], request) -> None:
    """Complete the `citations` of statements by what lists of references say of them."""
    _references([cited for row in rows for cited in row["citations"]], request)


def references(rows: list[dict], request) -> None:
    """Complete the `references` of indications."""
    _references([cited for row in rows for cited in row["references"]], request)


def references_of_editions(rows: list[dict], request) -> None:
    """Add to the envelopes of editions what is known today of the publications that they cite."""
    for row in rows:
        row["references"] = [{"key": key} for key in row["links"]["references"]]
        _references(row["references"], request)


def _topics(stubs: list[dict], request) -> None:
    slugs = {stub["slug"] for stub in stubs}
    if end := moments.moment(request):
        then = [past.listing(each) for each in past.of_topics(slugs, end)]
        told = moments.listed_then(then, request)
    else:
        found = listings().filter(slug__in=slugs)
        told = ListingSerializer(found, many=True, context={"request": request}).data
    by_slug = {row["slug"]: row for row in told}
    for stub in stubs:
        stub |= by_slug.get(stub["slug"], {}) | stub


def _references(stubs: list[dict], request) -> None:
    found = Reference.objects.filter(key__in={stub["key"] for stub in stubs})
    told = ReferenceSerializer(found, many=True, context={"request": request}).data
    by_key = {row["key"]: row for row in told}
    for stub in stubs:
        stub |= by_key.get(stub["key"], {}) | stub

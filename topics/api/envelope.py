"""The envelope of an edition in the API: its Document, and all that must be known beside it.

`document` in it is the edition's own JSON, unchanged: whoever writes it as canonical JSON (keys
sorted, no spaces, UTF-8) and takes the sha256 gets the edition's digest. An old one is therefore in
the schema of its time, which `schema` in it names.
"""

from django.urls import NoReverseMatch

from hsc_portal import languages
from hsc_portal.rest import LICENSE_URL, api_url
from references.models import Reference
from topics import addresses, citing, documents
from topics.api.serializers import CURRENT, REVIEWED, SUPERSEDED, UNREVIEWED, WITHDRAWN
from topics.models import Edition
from topics.reading import Reading, Withdrawal


def envelope(reading: Reading, request) -> dict:
    """Return one edition as the API answers it. See EnvelopeSerializer for its shape."""
    edition, document = reading.edition, reading.document
    origin = request.build_absolute_uri("/").rstrip("/")
    return {
        "url": _own_url(reading, request),
        "html_url": request.build_absolute_uri(_path(reading)),
        "permanent_url": citing.address(reading, origin),
        "slug": reading.slug,
        "title": document["title"],
        "kind": document["kind"],
        "edition": edition_facts(edition, reading.slug, status_of(reading), request),
        "review": review_facts(edition),
        "withdrawal": withdrawal_facts(reading.withdrawal),
        "next_review": document.get("next_review"),
        "license": LICENSE_URL,
        "attribution": f"HSC Portal, “{document['title']}”, edition {edition.number}, CC BY 4.0",
        "citation": {"text": citing.in_words(reading, origin), "csl": citing.item(reading, origin)},
        "partners": _partners(reading),
        "warnings": [_warning(flagged, request) for flagged in reading.warnings],
        "links": _links(reading, request),
        "document": reading.original,
    }


def links_of(reading: Reading, slug: str, request) -> dict[str, str]:
    """Return where else an edition is, by relation, for the header `Link`."""
    number = reading.number
    permanent = languages.permanent("edition", slug, number)
    page = languages.permanent("topic", slug) if reading.is_current else permanent
    links = {
        "cite-as": request.build_absolute_uri(permanent),
        "canonical": request.build_absolute_uri(page),
        "version-history": api_url(request, "topic-editions", slug),
    }
    if number > 1:
        links["predecessor-version"] = api_url(request, "topic-edition", slug, number - 1)
    if reading.current_number:
        links["latest-version"] = api_url(request, "topic-detail", slug)
    return links


def _partners(reading: Reading) -> list[dict]:
    shown = reading.listing.partners if reading.is_current and reading.listing else []
    return [{name: partner[name] for name in ("name", "url")} for partner in shown]


def edition_facts(edition: Edition, slug: str, status: str, request) -> dict:
    """Return who published an edition, when and why, and what proves that it is unchanged.

    `hash` is chained to the edition before; topics/editions.py says what it is made of.
    """
    url = api_url(request, "topic-edition", slug, edition.number)
    return {
        "url": url,
        "number": edition.number,
        "status": status,
        "digest": edition.digest,
        "hash": edition.hash,
        "previous_hash": edition.previous_hash,
        "topic_id": edition.topic_id,
        "published_at": edition.published_at,
        "published_by": edition.published_by_name,
        "change_note": edition.change_note,
    }


def review_facts(edition: Edition) -> dict:
    """Return which clinician approved an edition, or plainly that none did."""
    return {
        "status": REVIEWED if edition.is_reviewed else UNREVIEWED,
        "reviewed": edition.is_reviewed,
        "by": edition.approved_by_name or None,
        "at": edition.approved_at,
        "interests": edition.interests or None,
    }


def withdrawal_facts(withdrawal: Withdrawal | None) -> dict | None:
    """Return when an edition was taken from the readers and why, None if it was not."""
    return withdrawal and {"at": withdrawal.at, "reason": withdrawal.reason}


def status_of(read: Reading | Edition) -> str:
    """Return what became of an edition, by `is_current` and `withdrawal` as `reading` gives them.

    It is withdrawn if it was withdrawn itself, for ever, or while its whole topic is withdrawn.
    """
    if read.withdrawal:
        return WITHDRAWN
    return CURRENT if read.is_current else SUPERSEDED


def _path(reading: Reading) -> str:
    """Return the path of the page that shows the same edition."""
    if reading.is_current:
        return languages.permanent("topic", reading.slug)
    return languages.permanent("edition", reading.slug, reading.edition.number)


def _own_url(reading: Reading, request) -> str:
    if reading.is_current:
        return api_url(request, "topic-detail", reading.slug)
    return api_url(request, "topic-edition", reading.slug, reading.edition.number)


def _warning(flagged: dict, request) -> dict:
    return {
        "url": api_url(request, "reference-detail", flagged["key"]),
        "key": flagged["key"],
        "status": flagged["status"],
        "label": Reference.Status(flagged["status"]).label,
        "on": flagged["status_on"],
        "notice": flagged["status_notice"],
    }


def _links(reading: Reading, request) -> dict:
    slug = reading.slug
    return {
        "topic": api_url(request, "topic-detail", slug),
        "as_kind": _url_as_kind(reading, request),
        "editions": api_url(request, "topic-editions", slug),
        "statements": f"{api_url(request, 'statement-list')}?topic={slug}",
        "related": _related(reading, request),
        "topics": _topics(reading, request),
        "references": {
            item["id"]: api_url(request, "reference-detail", item["id"])
            for item in reading.document["references"]
        },
        "figures": {
            figure["key"]: request.build_absolute_uri(
                addresses.of_figure(figure["sha256"], figure["format"])
            )
            for figure in reading.document.get("figures", [])
        },
    }


def _url_as_kind(reading: Reading, request) -> str | None:
    """Return where the same answer has the schema of its kind. Not every kind has such a place."""
    try:
        return api_url(request, f"{reading.document['kind']}-detail", reading.slug)
    except NoReverseMatch:
        return None


def _related(reading: Reading, request) -> list[dict]:
    """Return the related topics from both ends as they are now; none for a past edition."""
    if not reading.is_current or reading.listing is None:
        return []
    return [
        {"label": group["label"], "url": api_url(request, "topic-detail", shown["slug"]), **shown}
        for group in reading.listing.related
        for shown in group["topics"]
    ]


def _topics(reading: Reading, request) -> dict[str, str | None]:
    """Return where each topic that the Document names is now; null if it is withdrawn."""
    now = reading.listing.links if reading.listing else {}
    urls = {}
    for slug in sorted(documents.named_topics(reading.document)):
        # What only an edition of the past names is asked at its own address, which redirects.
        shown = now.get(slug, {"slug": slug})
        urls[slug] = shown and api_url(request, "topic-detail", shown["slug"])
    return urls

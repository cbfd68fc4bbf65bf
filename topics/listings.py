"""Listings: what readers can find now, derived from the current editions.

The current edition of a topic is its newest one, unless that one was withdrawn. Whatever is
written here can be thrown away and made again (`rebuild`), and comes out the same.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable

from django.contrib.postgres.search import SearchVector
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from references.models import Partner, Reference
from topics import checking, documents, listed, publications
from topics.choices import INVERSE_LABELS, Certainty, EventKind, RelationKind
from topics.listed import SEARCH_CONFIG
from topics.models import (
    Edition,
    Event,
    GlossaryTerm,
    Listing,
    PublishedSlug,
    Synonym,
    Topic,
)
from topics.search import index, suggesting, tidying, vectors

# Any number that nothing else in the database locks.
LISTINGS_LOCK = 7402
REBUILT_TOGETHER = 200


def current_editions() -> QuerySet[Edition]:
    """Return the newest edition of each topic, without those that were withdrawn."""
    newer = Edition.objects.filter(topic=OuterRef("topic"), number__gt=OuterRef("number"))
    withdrawn = Event.objects.filter(edition=OuterRef("pk"), kind=EventKind.WITHDRAWN)
    return Edition.objects.filter(~Exists(newer), ~Exists(withdrawn))


def rebuild() -> int:
    """Make all listings and the index anew from the editions, and return how many there are.

    Some topics at a time, each time in a transaction of its own: readers find everything at every
    moment, and nobody who publishes waits for long.
    """
    topics = list(current_editions().order_by("topic").values_list("topic", flat=True))
    for begin in range(0, len(topics), REBUILT_TOGETHER):
        _rebuild(topics[begin : begin + REBUILT_TOGETHER])
    with transaction.atomic():
        _lock()
        Listing.objects.exclude(edition__in=current_editions()).delete()
        index.write_references(Reference.objects.listed())
        index.write_terms(GlossaryTerm.objects.all())
        index.write_synonyms(Synonym.objects.all())
        tidying.tidy()
    return Listing.objects.count()


@transaction.atomic
def _rebuild(topics: list[int]) -> None:
    _lock()
    # What was published or withdrawn meanwhile is no longer current.
    editions = current_editions().filter(topic__in=topics).select_related("revision", "review")
    write(list(editions))
    listed.mend_statements(topics)


def ensure_index() -> None:
    """Make all listings and the index anew if the index knows of fewer topics than are listed.

    So it is after an upgrade from a version without it.
    """
    if index.count_topics() != Listing.objects.count() or suggesting.is_missing():
        rebuild()


def write_vectors(report: Callable[[int], None]) -> int:
    """Write what the semantic layer misses, while the portal serves. Returns how many topics."""
    return vectors.fill(_lock, report)


def write(editions: list[Edition]) -> None:
    """Write the listings of editions that were just published, and what their neighbours show.

    What they say is read for its meaning before others have to wait.
    """
    read = [(edition, documents.read(edition.revision.document)) for edition in editions]
    made = vectors.embed_ahead(document for _, document in read)
    with transaction.atomic():
        _lock()
        topic_ids = {edition.topic_id for edition in editions}
        # Those as well that a topic named until now.
        before = _neighbours(topic_ids)
        written = _write_listings(read)
        index.write_topics(written, made)
        _write_links(topic_ids | before | _neighbours(topic_ids))


def of_draft(topic_id: int, document: dict) -> Listing:
    """Return what a listing would show of others if a draft were published now. It is not saved."""
    named = sorted(documents.named_topics(document))
    published = set(PublishedSlug.objects.filter(slug__in=named).values_list("slug", flat=True))
    addresses, own_slugs = _addresses(set(named)), _own_slugs({topic_id})[topic_id]
    listing = Listing(topic_id=topic_id, relations=document.get("relations", []))
    listing.links = {slug: addresses.get(slug) for slug in named}
    listing.related = _related(listing, own_slugs, _incoming(own_slugs))
    listing.partners = _partners({topic_id})[topic_id]
    # What was never published was not withdrawn either.
    listing.links = {slug: at for slug, at in listing.links.items() if slug in published}
    return listing


@transaction.atomic
def remove(topic: Topic) -> None:
    """Take a topic from what readers can find, and from what its neighbours show of it."""
    _lock()
    neighbours = _neighbours({topic.pk})
    Listing.objects.filter(topic=topic).delete()
    index.remove_topics([topic.pk])
    _write_links(neighbours)


@transaction.atomic
def index_references(references: list[Reference]) -> None:
    """Let publications be found as they are now; those that were merged are not."""
    _lock()
    index.write_references(each for each in references if not each.merged_into_id)


@transaction.atomic
def index_terms(terms: list[GlossaryTerm]) -> None:
    """Let glossary terms be found as they are now."""
    _lock()
    index.write_terms(terms)


@transaction.atomic
def index_synonyms(synonyms: list[Synonym]) -> None:
    """Let synonyms count from now on."""
    _lock()
    index.write_synonyms(synonyms)


@transaction.atomic
def unindex_synonym(pk: int) -> None:
    _lock()
    index.remove_synonym(pk)


@transaction.atomic
def unindex_references(pks: list[int]) -> None:
    _lock()
    index.remove_references(pks)


@transaction.atomic
def unindex_term(pk: int) -> None:
    _lock()
    index.remove_term(pk)


@transaction.atomic
def refresh_links(topic_ids: set[int]) -> None:
    """Bring up to date what the given topics, and all that are linked with them, show of others."""
    _lock()
    _write_links(topic_ids | _neighbours(topic_ids))


def _lock() -> None:
    """Let one transaction at a time write listings.

    A topic's listing shows titles of its neighbours, so two that are published at one moment
    write into each other's rows: without the lock they could block each other for ever, or each
    miss the other's new title.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LISTINGS_LOCK])


def _write_listings(read: list[tuple[Edition, dict]]) -> list[tuple[Listing, dict]]:
    """Write the listings of Documents, with what of them is found by itself, and return both."""
    rows_told = [told(edition, document) for edition, document in read]
    rows = Listing.objects.bulk_create(
        (Listing(**values) for values in rows_told),
        update_conflicts=True,
        unique_fields=["topic"],
        update_fields=[name for name in (rows_told[0] if rows_told else {}) if name != "topic_id"],
    )
    written = [(row, document) for row, (_, document) in zip(rows, read, strict=True)]
    listed.write_codes(written)
    listed.write_statements(written)
    for listing, document in written:
        Topic.class_for(document["kind"]).refresh_derived(listing, document)
    return written


def told(edition: Edition, document: dict) -> dict:
    """Return what a listing says. Its empty stamp asks for what it shows of others."""
    statements = list(documents.all_statements(document))
    model = Topic.class_for(document["kind"])
    return {
        "topic_id": edition.topic_id,
        "edition": edition,
        "slug": document["slug"],
        "kind": document["kind"],
        "title": document["title"],
        "areas": document.get("areas", []),
        "summary": document["summary"],
        "synonyms": document.get("synonyms", []),
        "published_at": edition.published_at,
        "reviewed_at": edition.approved_at,
        "next_review": document.get("next_review"),
        "certainties": dict(Counter(s.get("certainty", Certainty.UNGRADED) for s in statements)),
        "statement_count": len(statements),
        "uncited_count": sum(not s.get("citations") for s in statements),
        "facets": {**_facets(document), **model.listing_facets(document)},
        "relations": document.get("relations", []),
        "links": dict.fromkeys(sorted(documents.named_topics(document))),
        "stamp": "",
        "search": _vector(document["title"], document.get("synonyms", []), document["summary"]),
    }


def _facets(document: dict) -> dict[str, list[str]]:
    """Return what every topic can be filtered by, whatever its kind."""
    found = {
        "reference": sorted(documents.cited_keys(document)),
        listed.UNCITED_ROWS: [
            f"{place}: {checking.described(row)}" for place, row in checking.uncited_rows(document)
        ],
    }
    return {name: values for name, values in found.items() if values}


def _vector(title: str, synonyms: list[str], summary: str) -> SearchVector:
    return (
        SearchVector(Value(title), weight="A", config=SEARCH_CONFIG)
        + SearchVector(Value("; ".join(synonyms)), weight="B", config=SEARCH_CONFIG)
        + SearchVector(Value(summary), weight="C", config=SEARCH_CONFIG)
    )


def _neighbours(topic_ids: set[int]) -> set[int]:
    """Return the published topics that name one of the given topics, or that one of them names."""
    listings = Listing.objects.filter(pk__in=topic_ids).values_list("links", flat=True)
    named = set().union(*listings)
    own = PublishedSlug.objects.filter(topic__in=topic_ids).values_list("slug", flat=True)
    found = Listing.objects.filter(
        Q(links__has_any_keys=list(own)) | Q(topic__published_slugs__slug__in=named)
    )
    return set(found.values_list("pk", flat=True))


def _write_links(topic_ids: set[int]) -> None:
    """Write titles of linked topics, relations from both ends, partners and the stamp."""
    listings = Listing.objects.filter(pk__in=topic_ids).only("slug", "links", "relations", "stamp")
    addresses = _addresses(set().union(*(listing.links for listing in listings)))
    own_slugs = _own_slugs(topic_ids)
    partners = _partners(topic_ids)
    incoming = _incoming([slug for slugs in own_slugs.values() for slug in slugs])
    for listing in listings:
        listing.links = {slug: addresses.get(slug) for slug in sorted(listing.links)}
        listing.related = _related(listing, own_slugs[listing.pk], incoming)
        listing.partners = partners[listing.pk]
    relevant = publications.of_neighbors(listings)
    changed = []
    for listing in listings:
        listing.publications = relevant[listing.pk]
        stamp = _stamp(listing)
        if stamp != listing.stamp:
            # Most neighbours show nothing that has changed; they are not written again.
            listing.stamp = stamp
            changed.append(listing)
    _save_shown(changed)


def _save_shown(changed: list[Listing]) -> None:
    """Save what listings show of others, in one statement that is quick to make and to read."""
    names = ("links", "related", "partners", "publications")
    rows = [
        {"pk": one.pk, "stamp": one.stamp, **{name: getattr(one, name) for name in names}}
        for one in changed
    ]
    with connection.cursor() as cursor:
        cursor.execute(SAVE_SHOWN, [json.dumps(rows)])


SAVE_SHOWN = """
    UPDATE topics_listing SET links = shown.links, related = shown.related,
        partners = shown.partners, publications = shown.publications, stamp = shown.stamp
    FROM jsonb_to_recordset(%s::jsonb) AS shown(
        pk bigint, stamp text, links jsonb, related jsonb, partners jsonb, publications jsonb
    )
    WHERE topic_id = shown.pk
"""


def _addresses(slugs: set[str]) -> dict[str, dict]:
    """Return, for each slug at which a now published topic can be found, how it is shown."""
    found = PublishedSlug.objects.filter(slug__in=slugs, topic__listing__isnull=False).values_list(
        "slug", "topic__listing__slug", "topic__listing__title", "topic__listing__kind"
    )
    return {old: {"slug": slug, "title": title, "kind": kind} for old, slug, title, kind in found}


def _own_slugs(topic_ids: set[int]) -> dict[int, list[str]]:
    """Return all addresses at which each of the topics was ever published."""
    slugs = defaultdict(list)
    for slug, topic in PublishedSlug.objects.filter(topic__in=topic_ids).values_list():
        slugs[topic].append(slug)
    return slugs


def _partners(topic_ids: set[int]) -> dict[int, list[dict]]:
    """Return what is shown of the partners of each topic."""
    partners = defaultdict(list)
    pairs = Partner.objects.filter(topics__in=topic_ids).order_by("name")
    logo = ("logo_sha256", "logo_format", "logo_width", "logo_height", "logo_alt")
    for found in pairs.values("topics", "name", "url", "slug", *logo):
        topic = found.pop("topics")
        has_logo = bool(found["logo_sha256"])
        shown = {name: each for name, each in found.items() if has_logo or name not in logo}
        partners[topic].append(shown)
    return partners


def leading_to(topic: Topic) -> list[Listing]:
    """Return the published topics that lead to a topic, in words, tables or relations."""
    slugs = list(topic.published_slugs.values_list("slug", flat=True))
    found = Listing.objects.filter(links__has_any_keys=slugs).exclude(topic=topic)
    return list(found.only("topic_id", "slug", "title", "kind").order_by("title", "pk"))


def _incoming(slugs: list[str]) -> dict[str, list[tuple[str, dict]]]:
    """Return the relations that lead to each of the addresses: their kind, and from where."""
    incoming = defaultdict(list)
    naming = Listing.objects.filter(links__has_any_keys=slugs).order_by("title", "pk")
    for other in naming.only("slug", "title", "kind", "relations"):
        shown = {"slug": other.slug, "title": other.title, "kind": other.kind}
        for relation in other.relations:
            incoming[relation["target"]].append((relation["kind"], shown))
    return incoming


def _related(listing: Listing, own_slugs: list[str], incoming: dict) -> list[dict]:
    """Return the related topics as readers see them: by label, each topic once under each."""
    pairs = [
        (RelationKind(relation["kind"]).label, listing.links[relation["target"]])
        for relation in listing.relations
        if listing.links[relation["target"]]
    ]
    for slug in own_slugs:
        pairs += [(INVERSE_LABELS[kind], shown) for kind, shown in incoming[slug]]
    groups = defaultdict(dict)
    for label, shown in pairs:
        groups[label][shown["slug"]] = shown
    return [
        {"label": label, "topics": sorted(topics.values(), key=lambda shown: shown["title"])}
        for label, topics in groups.items()
    ]


def _stamp(listing: Listing) -> str:
    shown = [listing.links, listing.related, listing.partners, listing.publications]
    parts = json.dumps(shown, sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]

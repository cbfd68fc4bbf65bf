"""What stands beside the listing of a topic, to be found by itself: its codes and statements."""

from django.contrib.postgres.search import SearchVector
from django.db.models import QuerySet

from references.models import Reference
from topics.choices import Certainty
from topics.models import ListedCode, Listing, Statement, StatementCitation

SEARCH_CONFIG = "english"
# Among the facets of a listing, for editors: what stands in its tables and names no source.
UNCITED_ROWS = "uncited_rows"

Written = list[tuple[Listing, dict]]
# Where a statement stands in its topic: its place, its section, and what the Document says of it.
Placed = tuple[int, dict, dict]


def write_codes(written: Written) -> None:
    """Replace the codes of listings by those of their Documents."""
    ListedCode.objects.filter(listing__in=[listing for listing, _ in written]).delete()
    ListedCode.objects.bulk_create(
        ListedCode(
            listing=listing,
            system=code["system"],
            code=code["code"],
            match=code["match"],
            verified=code.get("verified", True),
        )
        for listing, document in written
        for code in document.get("codes", [])
    )


def write_statements(written: Written) -> None:
    """Write the statements that are new or say anything else than before, and remove the rest."""
    wanted = {
        (listing.pk, placed[2]["anchor"]): (listing, placed)
        for listing, document in written
        for placed in places_of(document)
    }
    stale = []
    rows = Statement.objects.filter(listing__in=[listing for listing, _ in written])
    for row in rows.defer("search").prefetch_related("citations__reference"):
        _, placed = wanted.get((row.listing_id, row.anchor), (None, None))
        if placed and _row_says(row) == _document_says(*placed):
            del wanted[row.listing_id, row.anchor]
        else:
            stale.append(row.pk)
    if stale:
        Statement.objects.filter(pk__in=stale).delete()
    if wanted:
        _add_statements(list(wanted.values()))


def places_of(document: dict) -> list[Placed]:
    """Return the statements of a Document, each with its place."""
    found = [
        (section, statement)
        for section in document.get("sections", [])
        for statement in section["statements"]
    ]
    return [(position, *pair) for position, pair in enumerate(found)]


def _row_says(row: Statement) -> tuple:
    cited = [(citation.reference.key, citation.locator) for citation in row.citations.all()]
    return (row.position, row.section_kind, row.section_heading, row.text, row.certainty,
            row.awaiting_check, row.is_cited, cited)  # fmt: skip


def _document_says(position: int, section: dict, statement: dict) -> tuple:
    citations = statement.get("citations", [])
    cited = [(citation["key"], citation.get("locator", "")) for citation in citations]
    return (position, section["kind"], section["heading"], statement["text"],
            statement.get("certainty", Certainty.UNGRADED),
            statement.get("awaiting_check", False), bool(cited), cited)  # fmt: skip


def _add_statements(new: list[tuple[Listing, Placed]]) -> None:
    rows = Statement.objects.bulk_create(statement_row(listing, each) for listing, each in new)
    _write_search(Statement.objects.filter(pk__in=[row.pk for row in rows]))
    _add_citations([(row, placed[2]) for row, (_, placed) in zip(rows, new, strict=True)])


def statement_row(listing: Listing, placed: Placed) -> Statement:
    """Return the row of a statement. It is not saved."""
    position, section, said = placed
    return Statement(
        listing=listing,
        position=position,
        anchor=said["anchor"],
        section_kind=section["kind"],
        section_heading=section["heading"],
        text=said["text"],
        certainty=said.get("certainty", Certainty.UNGRADED),
        awaiting_check=said.get("awaiting_check", False),
        is_cited=bool(said.get("citations")),
        search="",
    )


def mend_statements(topics: list[int]) -> None:
    """Make anew what no comparison of statements with their Documents would find damaged.

    They keep their numbers, by which a search that is under way knows them.
    """
    _write_search(Statement.objects.filter(listing__in=topics))


def _write_search(rows: QuerySet[Statement]) -> None:
    rows.update(
        search=SearchVector("text", weight="A", config=SEARCH_CONFIG)
        + SearchVector("section_heading", weight="B", config=SEARCH_CONFIG)
    )


def _add_citations(rows: list[tuple[Statement, dict]]) -> None:
    keys = {c["key"] for _, statement in rows for c in statement.get("citations", [])}
    ids = dict(Reference.objects.filter(key__in=keys).values_list("key", "pk"))
    StatementCitation.objects.bulk_create(
        StatementCitation(
            statement=row,
            reference_id=ids[citation["key"]],
            position=position,
            locator=citation.get("locator", ""),
        )
        for row, statement in rows
        for position, citation in enumerate(statement.get("citations", []))
    )

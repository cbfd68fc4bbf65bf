"""What a query's phrases and excluded words leave of what was found: each text is read for that."""

from references.models import Reference
from topics.models import Listing, Statement
from topics.search import text
from topics.search.query import Query


def fits(query: Query, words: str, *, phrases_in: str) -> bool:
    """Return whether a text has all phrases of a query, and nothing that it excludes."""
    if not query.sifts:
        return True
    told, key = f" {text.key(words)} ", f" {text.key(phrases_in)} "
    has_all = all(f" {' '.join(phrase)} " in key for phrase in query.phrases)
    return has_all and not any(f" {' '.join(one)} " in told for one in query.excluded)


def statement(query: Query, topic: str, heading: str, words: str) -> bool:
    """Return whether a statement fits, by its text, its section's heading and its topic's title."""
    return fits(query, f"{topic} {heading} {words}", phrases_in=words)


def topic(query: Query, listing: Listing) -> bool:
    """Return whether a topic fits by its own words."""
    words = "; ".join([listing.title, *listing.synonyms, listing.summary])
    return fits(query, words, phrases_in=words)


def sift(
    query: Query, topics: list[int], statements: list[int], references: list[int]
) -> tuple[list[int], list[int], list[int]]:
    """Return what fits of topics, statements and references, by number.

    A topic fits by its own words, or since a statement of it has the phrases.
    """
    shown = Statement.objects.filter(pk__in=statements).select_related("listing")
    said = {
        row.pk: row.listing_id
        for row in shown.only("text", "section_heading", "listing__title")
        if statement(query, row.listing.title, row.section_heading, row.text)
    }
    by_statement = set(said.values()) if query.phrases else set()
    rows = Listing.objects.filter(pk__in=topics).only("title", "synonyms", "summary")
    fitting = [row.pk for row in rows if row.pk in by_statement or topic(query, row)]
    titles = Reference.objects.filter(pk__in=references).values_list("pk", "title")
    cited = [number for number, title in titles if fits(query, title, phrases_in=title)]
    return fitting, list(said), cited

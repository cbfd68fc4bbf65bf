"""Writing the index: in the transaction that publishes, so that what is published is found at once.

Whoever writes holds the lock of the listings, so counts are kept exactly and nobody waits in a
circle.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import connection

from references.models import Reference
from topics.models import (
    GlossaryTerm,
    IndexTotal,
    Lexeme,
    Listing,
    Name,
    Posting,
    Statement,
    StatementPosting,
    Synonym,
    Word,
)
from topics.models.search import Indexed
from topics.search import text, weights

COUNTED = {
    Indexed.TOPIC: "topics",
    Indexed.REFERENCE: "references",
    Indexed.TERM: "terms",
    Indexed.STATEMENT: "statements",
}
SHORTEST_WORD = 4
LONGEST_NAME = 300
MOST_TIMES = 30_000


class Entry:
    """The lexemes of one thing that can be found: how heavily each counts, and how many there are.

    `words` has the words of four letters or more as they are written, with their lexemes.
    """

    def __init__(self):
        self.weights: Counter[str] = Counter()
        self.length = 0
        self.words: dict[str, str] = {}

    def add(self, words: str, weight: float) -> "Entry":
        """Take in some text."""
        for token in text.tokens(words):
            self.weights[token.lexeme] += weight
            self.length += 1
            if len(token.word) >= SHORTEST_WORD and token.word.isalpha():
                self.words[text.plain(token.word)[: text.LONGEST]] = token.lexeme
        return self

    def add_context(self, other: "Entry") -> "Entry":
        """Take in what helps to be found, and makes nothing longer."""
        for lexeme, weight in other.weights.items():
            self.weights[lexeme] += weight
        return self


def of_topic(document: dict) -> Entry:
    """Return what a topic is found by: its names, summary, headings, statements and tables."""
    entry = Entry().add(document["title"], weights.TITLE)
    for synonym in document.get("synonyms", []):
        entry.add(synonym, weights.SYNONYMS)
    entry.add(document["summary"], weights.BODY)
    for section in document.get("sections", []):
        entry.add(section["heading"], weights.BODY)
        for statement in section["statements"]:
            entry.add(statement["text"], weights.BODY)
    for words in _table_words(document):
        entry.add(words, weights.BODY)
    return entry


def _table_words(document: dict) -> Iterable[str]:
    """Yield what the clinical tables say in words; names of references and topics are none."""
    for rows in document.get("tables", {}).values():
        for row in rows:
            for name, value in row.items():
                if isinstance(value, str) and " " in value and name != "references":
                    yield value


class StatementEntries:
    """The statements of a topic by their numbers, and what stands around them."""

    def __init__(self, listing: Listing):
        rows = Statement.objects.filter(listing=listing)
        self.said: dict[int, Entry] = {}
        self.headed: dict[int, Entry] = {}
        headings: dict[str, Entry] = {}
        for number, heading, words in rows.values_list("pk", "section_heading", "text"):
            self.said[number] = Entry().add(words, 1.0)
            self.headed[number] = headings.setdefault(heading, Entry().add(heading, 1.0))
        self.name = Entry()
        for words in [listing.title, *listing.synonyms]:
            self.name.add(words, 1.0)

    def entries(self) -> list[Entry]:
        return [self.name, *self.said.values(), *self.headed.values()]

    def rows(self, known: dict[str, int]) -> Iterator[tuple]:
        """Yield statement, lexeme, times, whether in heading and name, and length."""
        for number, said in self.said.items():
            headed = self.headed[number].weights
            for lexeme in said.weights.keys() | headed.keys() | self.name.weights.keys():
                times = min(int(said.weights[lexeme]), MOST_TIMES)
                around = lexeme in headed, lexeme in self.name.weights
                yield number, known[lexeme], times, *around, min(said.length, MOST_TIMES)


def of_reference(reference: Reference) -> Entry:
    entry = Entry().add(reference.title, weights.BODY)
    entry.add(reference.authors, weights.BODY)
    entry.add(reference.container, weights.BODY)
    return entry.add(f"{reference.year or ''} {reference.key}", weights.BODY)


def of_term(term: GlossaryTerm) -> Entry:
    entry = Entry().add(term.term, weights.TITLE)
    for name in filter(None, [term.abbreviation, *term.variants]):
        entry.add(name, weights.SYNONYMS)
    return entry.add(term.definition, weights.BODY)


def write_topics(written: list[tuple[Listing, dict]]) -> None:
    """Index listings, with their Documents and their statements, which are written already.

    All at once: a count that is changed for each of many topics would cost more each time.
    """
    numbers = [listing.pk for listing, _ in written]
    remove_topics(numbers)
    topics = {listing.pk: of_topic(document) for listing, document in written}
    statements = {listing.pk: StatementEntries(listing) for listing, _ in written}
    around = [entry for found in statements.values() for entry in found.entries()]
    known = _known([*topics.values(), *around])
    _write(Indexed.TOPIC, topics, known)
    _write_statements(statements, known)
    said = [entry for found in statements.values() for entry in found.said.values()]
    _count(Indexed.STATEMENT, len(said), sum(entry.length for entry in said))
    for listing, _ in written:
        _write_names(Indexed.TOPIC, listing.pk, [listing.title, *listing.synonyms])


def remove_topics(numbers: list[int]) -> None:
    """Take topics and their statements out of the index."""
    _remove(Indexed.TOPIC, numbers)
    with connection.cursor() as cursor:
        cursor.execute(REMOVE_STATEMENTS, [numbers])
        entries, length = cursor.fetchone()
    _count(Indexed.STATEMENT, -entries, -length)


def write_references(references: Iterable[Reference]) -> None:
    _write_all(Indexed.REFERENCE, {each.pk: of_reference(each) for each in references})


def remove_references(pks: list[int]) -> None:
    _remove(Indexed.REFERENCE, pks)


def write_terms(terms: Iterable[GlossaryTerm]) -> None:
    terms = list(terms)
    _write_all(Indexed.TERM, {each.pk: of_term(each) for each in terms})
    for each in terms:
        names = [each.term, each.abbreviation, *each.variants]
        _write_names(Indexed.TERM, each.pk, [name for name in names if name])


def write_synonyms(synonyms: Iterable[Synonym]) -> None:
    for each in synonyms:
        remove_synonym(each.pk)
        _write_names(Indexed.SYNONYM, each.pk, each.names)


def remove_synonym(pk: int) -> None:
    Name.objects.filter(kind=Indexed.SYNONYM, entry_id=pk).delete()


def remove_term(pk: int) -> None:
    _remove(Indexed.TERM, [pk])


def clear() -> None:
    """Empty the index, before it is made anew in the same transaction."""
    for model in (Posting, StatementPosting, Name, IndexTotal, Word, Lexeme):
        model.objects.all().delete()


def count_topics() -> int:
    return (
        IndexTotal.objects.filter(kind=Indexed.TOPIC).values_list("entries", flat=True).first() or 0
    )


def _write_names(kind: Indexed, pk: int, names: list[str]) -> None:
    """Write what a topic or term is called, the proper name first."""
    rows: dict[str, Name] = {}
    for n, label in enumerate(names):
        key = text.key(label)
        if key and len(key) <= LONGEST_NAME and key not in rows:
            rows[key] = Name(kind=kind, entry_id=pk, key=key, label=label, is_proper=n == 0)
    Name.objects.bulk_create(rows.values())


def _write_all(kind: Indexed, entries: dict[int, Entry]) -> None:
    _remove(kind, list(entries))
    _write(kind, entries, _known(entries.values()))


def _write(kind: Indexed, entries: dict[int, Entry], known: dict[str, int]) -> None:
    """Write new entries of one kind, by the number of each."""
    columns = _columns(entries, known)
    if not columns[0]:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [int(kind), *columns])
        cursor.execute(ADD[kind], [columns[1]])
    _count(kind, len(entries), sum(entry.length for entry in entries.values()))


def _write_statements(topics: dict[int, StatementEntries], known: dict[str, int]) -> None:
    lexemes: list[int] = []
    with connection.cursor() as cursor:
        for topic, statements in topics.items():
            rows = list(statements.rows(known))
            columns = [[row[n] for row in rows] for n in range(6)]
            cursor.execute(WRITE_STATEMENTS, [topic, *columns])
            # How rare a word is among statements is said by their own words.
            lexemes += [row[1] for row in rows if row[2]]
        cursor.execute(ADD[Indexed.STATEMENT], [lexemes])


def _columns(entries: dict[int, Entry], known: dict[str, int]) -> tuple[list, list, list, list]:
    """Return numbers, lexemes, weights and lengths, one place of each list for each posting."""
    rows = [
        (number, known[lexeme], weight, entry.length)
        for number, entry in entries.items()
        for lexeme, weight in entry.weights.items()
    ]
    return tuple([row[n] for row in rows] for n in range(4))


def _known(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the number of each lexeme, new ones and their words written down."""
    words: dict[str, str] = {}
    lexemes: set[str] = set()
    for entry in entries:
        words |= entry.words
        lexemes |= entry.weights.keys()
    with connection.cursor() as cursor:
        cursor.execute(KNOW, [sorted(lexemes)])
        cursor.execute(NUMBERS, [list(lexemes)])
        known = dict(cursor.fetchall())
        cursor.execute(KNOW_WORDS, [list(words), [known[one] for one in words.values()]])
    return known


def _remove(kind: Indexed, pks: list[int]) -> None:
    Name.objects.filter(kind=kind, entry_id__in=pks).delete()
    with connection.cursor() as cursor:
        cursor.execute(REMOVE[kind], [int(kind), pks])
        entries, length = cursor.fetchone()
    _count(kind, -entries, -length)


def _count(kind: Indexed, entries: int, length: int) -> None:
    if entries:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [int(kind), entries, length])


KNOW = "INSERT INTO topics_lexeme (lexeme, topics, \"references\", terms, statements) " \
       "SELECT unnest(%s::text[]), 0, 0, 0, 0 ON CONFLICT (lexeme) DO NOTHING"  # fmt: skip
NUMBERS = "SELECT lexeme, id FROM topics_lexeme WHERE lexeme = ANY(%s)"
KNOW_WORDS = """
    INSERT INTO topics_word (word, lexeme_id) SELECT * FROM unnest(%s::text[], %s::int[])
    ON CONFLICT (word) DO NOTHING
"""
WRITE = """
    INSERT INTO topics_posting (kind, entry_id, lexeme_id, weight, length)
    SELECT %s, * FROM unnest(%s::int[], %s::int[], %s::float8[], %s::int[])
"""
WRITE_STATEMENTS = """
    INSERT INTO topics_statementposting
        (listing_id, statement_id, lexeme_id, times, in_heading, in_name, length)
    SELECT %s, * FROM unnest(
        %s::bigint[], %s::int[], %s::smallint[], %s::bool[], %s::bool[], %s::smallint[]
    )
"""
COUNT = """
    INSERT INTO topics_indextotal (kind, entries, length) VALUES (%s, %s, %s)
    ON CONFLICT (kind) DO UPDATE SET
        entries = topics_indextotal.entries + EXCLUDED.entries,
        length = topics_indextotal.length + EXCLUDED.length
"""
ADD = {
    kind: f"""
        UPDATE topics_lexeme SET "{column}" = "{column}" + counted.n
        FROM (SELECT one, count(*) n FROM unnest(%s::int[]) one GROUP BY one) counted
        WHERE id = counted.one
    """
    for kind, column in COUNTED.items()
}
REMOVE = {
    kind: f"""
        WITH gone AS (
            DELETE FROM topics_posting WHERE kind = %s AND entry_id = ANY(%s)
            RETURNING entry_id, lexeme_id, length
        ), counted AS (
            UPDATE topics_lexeme SET "{column}" = "{column}" - n
            FROM (SELECT lexeme_id, count(*) n FROM gone GROUP BY 1) each WHERE id = lexeme_id
        )
        SELECT count(*), coalesce(sum(length), 0)
        FROM (SELECT DISTINCT entry_id, length FROM gone) entries
    """
    for kind, column in COUNTED.items()
}
REMOVE_STATEMENTS = """
    WITH gone AS (
        DELETE FROM topics_statementposting WHERE listing_id = ANY(%s)
        RETURNING statement_id, lexeme_id, times, length
    ), counted AS (
        UPDATE topics_lexeme SET statements = statements - n
        FROM (SELECT lexeme_id, count(*) n FROM gone WHERE times > 0 GROUP BY 1) each
        WHERE id = lexeme_id
    )
    SELECT count(*), coalesce(sum(length), 0)
    FROM (SELECT DISTINCT statement_id, length FROM gone) entries
"""

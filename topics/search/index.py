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
    Listing,
    Name,
    Statement,
    Synonym,
)
from topics.models.search import Indexed
from topics.search import suggesting, text, vectors, weights

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

    def take(self, other: "Entry", weight: float) -> None:
        """Take in what was read already."""
        for lexeme, times in other.weights.items():
            self.weights[lexeme] += times * weight
        self.length += other.length
        self.words |= other.words


class Texts(dict[str, Entry]):
    """The lexemes of texts. Each text is read once, however often it stands in what is written."""

    def __missing__(self, words: str) -> Entry:
        self[words] = Entry().add(words, 1.0)
        return self[words]


def of_topic(document: dict, texts: Texts) -> Entry:
    """Return what a topic is found by: its names, summary, headings, statements and tables."""
    entry = Entry()
    entry.take(texts[document["title"]], weights.TITLE)
    for synonym in document.get("synonyms", []):
        entry.take(texts[synonym], weights.SYNONYMS)
    for words in _body(document):
        entry.take(texts[words], weights.BODY)
    return entry


def _body(document: dict) -> Iterator[str]:
    yield document["summary"]
    for section in document.get("sections", []):
        yield section["heading"]
        for statement in section["statements"]:
            yield statement["text"]
    yield from _table_words(document)


def _table_words(document: dict) -> Iterable[str]:
    """Yield what the clinical tables say in words; names of references and topics are none."""
    for rows in document.get("tables", {}).values():
        for row in rows:
            for name, value in row.items():
                if isinstance(value, str) and " " in value and name != "references":
                    yield value


class StatementEntries:
    """The statements of a topic by their numbers, and what stands around them."""

    def __init__(self, listing: Listing, texts: Texts):
        self.said: dict[int, Entry] = {}
        self.headed: dict[int, Entry] = {}
        self.name = Entry()
        for words in [listing.title, *listing.synonyms]:
            self.name.take(texts[words], 1.0)

    @classmethod
    def read(cls, listings: list[Listing], texts: Texts) -> dict[int, "StatementEntries"]:
        """Return the statements of listings, by their numbers."""
        found = {listing.pk: cls(listing, texts) for listing in listings}
        rows = Statement.objects.filter(listing__in=found).order_by()
        told = rows.values_list("listing_id", "pk", "section_heading", "text")
        for topic, number, heading, words in told:
            found[topic].said[number] = texts[words]
            found[topic].headed[number] = texts[heading]
        return found

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


def write_topics(written: list[tuple[Listing, dict]], made: vectors.Vectors | None = None) -> None:
    """Index listings, with their Documents and their statements, which are written already.

    All at once: a count that is changed for each of many topics would cost more each time.
    """
    numbers = [listing.pk for listing, _ in written]
    remove_topics(numbers)
    texts = Texts()
    topics = {listing.pk: of_topic(document, texts) for listing, document in written}
    statements = StatementEntries.read([listing for listing, _ in written], texts)
    around = [entry for found in statements.values() for entry in found.entries()]
    known = _known([*topics.values(), *around])
    _write(Indexed.TOPIC, topics, known)
    _write_statements(statements, known)
    said = [entry for found in statements.values() for entry in found.said.values()]
    _count(Indexed.STATEMENT, len(said), sum(entry.length for entry in said))
    _write_names(Indexed.TOPIC, {one.pk: [one.title, *one.synonyms] for one, _ in written})
    suggesting.write_topics(written)
    vectors.write_topics(numbers, made)


def remove_topics(numbers: list[int]) -> None:
    """Take topics and their statements out of the index."""
    _remove(Indexed.TOPIC, numbers)
    suggesting.remove_topics(numbers)
    vectors.remove_topics(numbers)
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
    _write_names(
        Indexed.TERM, {each.pk: [each.term, each.abbreviation, *each.variants] for each in terms}
    )
    suggesting.write_terms(terms)


def write_synonyms(synonyms: Iterable[Synonym]) -> None:
    for each in synonyms:
        remove_synonym(each.pk)
        _write_names(Indexed.SYNONYM, {each.pk: each.names})


def remove_synonym(pk: int) -> None:
    Name.objects.filter(kind=Indexed.SYNONYM, entry_id=pk).delete()


def remove_term(pk: int) -> None:
    _remove(Indexed.TERM, [pk])
    suggesting.remove_terms([pk])


def count_topics() -> int:
    return (
        IndexTotal.objects.filter(kind=Indexed.TOPIC).values_list("entries", flat=True).first() or 0
    )


def _write_names(kind: Indexed, named: dict[int, list[str]]) -> None:
    """Write what topics or terms are called, by the number of each, the proper name first."""
    rows: dict[tuple[int, str], Name] = {}
    for pk, names in named.items():
        for n, label in enumerate(names):
            key = text.key(label)
            if key and len(key) <= LONGEST_NAME and (pk, key) not in rows:
                name = Name(kind=kind, entry_id=pk, key=key, label=label, is_proper=n == 0)
                rows[pk, key] = name
    Name.objects.bulk_create(rows.values())


def _write_all(kind: Indexed, entries: dict[int, Entry]) -> None:
    _remove(kind, list(entries))
    _write(kind, entries, _known(entries.values()))


def _write(kind: Indexed, entries: dict[int, Entry], known: dict[str, int]) -> None:
    """Write new entries of one kind, by the number of each."""
    rows = [
        (number, known[lexeme], weight, entry.length)
        for number, entry in entries.items()
        for lexeme, weight in entry.weights.items()
    ]
    if not rows:
        return
    columns = _columns(rows, 4)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [int(kind), *columns])
        cursor.execute(ADD[kind], [columns[1]])
    _count(kind, len(entries), sum(entry.length for entry in entries.values()))


def _write_statements(topics: dict[int, StatementEntries], known: dict[str, int]) -> None:
    rows = [(topic, *row) for topic, statements in topics.items() for row in statements.rows(known)]
    # How rare a word is among statements is said by their own words.
    counted = [row[2] for row in rows if row[3]]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_STATEMENTS, _columns(rows, 7))
        cursor.execute(ADD[Indexed.STATEMENT], [array(counted)])


def _columns(rows: list[tuple], number: int) -> list[str]:
    """Return each column of rows as one array."""
    return [array(row[n] for row in rows) for n in range(number)]


def array(values: Iterable) -> str:
    """Return numbers as PostgreSQL writes an array: it reads that much faster than `ARRAY[…]`."""
    return f"{{{','.join(map(str, values))}}}"


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
    ON CONFLICT (word) DO UPDATE SET lexeme_id = EXCLUDED.lexeme_id
    WHERE topics_word.lexeme_id <> EXCLUDED.lexeme_id
"""
WRITE = """
    INSERT INTO topics_posting (kind, entry_id, lexeme_id, weight, length)
    SELECT %s, * FROM unnest(%s::int[], %s::int[], %s::float8[], %s::int[])
"""
WRITE_STATEMENTS = """
    INSERT INTO topics_statementposting
        (listing_id, statement_id, lexeme_id, times, in_heading, in_name, length)
    SELECT * FROM unnest(
        %s::int[], %s::bigint[], %s::int[], %s::smallint[], %s::bool[], %s::bool[], %s::smallint[]
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

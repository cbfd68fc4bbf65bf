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
from topics.search.tallies import Tally, array

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
    tallies = _take_out_topics(numbers)
    texts = Texts()
    topics = {listing.pk: of_topic(document, texts) for listing, document in written}
    statements = StatementEntries.read([listing for listing, _ in written], texts)
    around = [entry for found in statements.values() for entry in found.entries()]
    known = _known([*topics.values(), *around])
    _write(tallies[0], topics, known)
    _write_statements(tallies[1], statements, known)
    for tally in tallies:
        tally.write()
    _write_names(Indexed.TOPIC, {one.pk: [one.title, *one.synonyms] for one, _ in written})
    suggesting.write_topics(written)
    vectors.write_topics(numbers, made)


def remove_topics(numbers: list[int]) -> None:
    """Take topics and their statements out of the index."""
    for tally in _take_out_topics(numbers):
        tally.write()


def _take_out_topics(numbers: list[int]) -> list[Tally]:
    """Take topics out; return what is to be counted, of topics and of statements."""
    suggesting.remove_topics(numbers)
    vectors.remove_topics(numbers)
    statements = Tally(Indexed.STATEMENT)
    statements.take_out(REMOVE_STATEMENTS, [numbers])
    return [_take_out(Indexed.TOPIC, numbers), statements]


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
        # Their words, too, are what a mistyped one may have meant.
        _known([Entry().add(name, 1.0) for name in [*each.names, *each.members]])
        _write_names(Indexed.SYNONYM, {each.pk: each.names})
        _write_names(Indexed.MEMBER, {each.pk: each.members})


def remove_synonym(pk: int) -> None:
    kinds = (Indexed.SYNONYM, Indexed.MEMBER)
    Name.objects.filter(kind__in=kinds, entry_id=pk).delete()


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
    tally = _take_out(kind, list(entries))
    _write(tally, entries, _known(entries.values()))
    tally.write()


def _write(tally: Tally, entries: dict[int, Entry], known: dict[str, int]) -> None:
    """Write new entries of one kind, by the number of each."""
    rows = [
        (number, known[lexeme], weight, entry.length)
        for number, entry in entries.items()
        for lexeme, weight in entry.weights.items()
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [int(tally.kind), *_columns(rows, 4)])
    length = sum(entry.length for entry in entries.values())
    tally.put_in((row[1] for row in rows), len(entries), length)


def _write_statements(
    tally: Tally, topics: dict[int, StatementEntries], known: dict[str, int]
) -> None:
    rows = [(topic, *row) for topic, statements in topics.items() for row in statements.rows(known)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_STATEMENTS, _columns(rows, 7))
    said = [entry for found in topics.values() for entry in found.said.values()]
    # How rare a word is among statements is said by their own words.
    own = (row[2] for row in rows if row[3])
    tally.put_in(own, len(said), sum(entry.length for entry in said))


def _columns(rows: list[tuple], number: int) -> list[str]:
    """Return each column of rows as one array."""
    return [array(row[n] for row in rows) for n in range(number)]


def _known(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the number of each lexeme, new ones and their words written down."""
    words: dict[str, str] = {}
    lexemes: set[str] = set()
    for entry in entries:
        words |= entry.words
        lexemes |= entry.weights.keys()
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [list(lexemes)])
        known = dict(cursor.fetchall())
        # Few are new, and to find that out costs less than to try to write all.
        if new := sorted(lexemes - known.keys()):
            cursor.execute(KNOW, [new])
            cursor.execute(NUMBERS, [new])
            known |= dict(cursor.fetchall())
        cursor.execute(WORDS, [list(words)])
        there = dict(cursor.fetchall())
        new = {word: known[one] for word, one in words.items() if there.get(word) != known[one]}
        if new:
            cursor.execute(KNOW_WORDS, [list(new), list(new.values())])
    return known


def _remove(kind: Indexed, pks: list[int]) -> None:
    _take_out(kind, pks).write()


def _take_out(kind: Indexed, pks: list[int]) -> Tally:
    """Take entries out with what they are called, and return what is to be counted."""
    Name.objects.filter(kind=kind, entry_id__in=pks).delete()
    tally = Tally(kind)
    tally.take_out(REMOVE, [int(kind), pks])
    return tally


KNOW = "INSERT INTO topics_lexeme (lexeme, topics, \"references\", terms, statements) " \
       "SELECT unnest(%s::text[]), 0, 0, 0, 0 ON CONFLICT (lexeme) DO NOTHING"  # fmt: skip
NUMBERS = "SELECT lexeme, id FROM topics_lexeme WHERE lexeme = ANY(%s)"
WORDS = "SELECT word, lexeme_id FROM topics_word WHERE word = ANY(%s)"
KNOW_WORDS = """
    INSERT INTO topics_word (word, lexeme_id) SELECT * FROM unnest(%s::text[], %s::int[])
    ON CONFLICT (word) DO UPDATE SET lexeme_id = EXCLUDED.lexeme_id
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
# What is gone: how many entries, the sum of their lengths, and of each lexeme how many had it.
_GONE = """
    SELECT entries, length, lexemes, times FROM (
        SELECT count(*) AS entries, coalesce(sum(length), 0) AS length
        FROM (SELECT DISTINCT {entry}, length FROM gone) each
    ) whole, (
        SELECT array_agg(lexeme_id) AS lexemes, array_agg(n) AS times
        FROM (SELECT lexeme_id, count(*) AS n FROM gone {counted} GROUP BY lexeme_id) each
    ) counted
"""
REMOVE = f"""
    WITH gone AS (
        DELETE FROM topics_posting WHERE kind = %s AND entry_id = ANY(%s)
        RETURNING entry_id, lexeme_id, length
    ) {_GONE.format(entry="entry_id", counted="")}
"""
REMOVE_STATEMENTS = f"""
    WITH gone AS (
        DELETE FROM topics_statementposting WHERE listing_id = ANY(%s)
        RETURNING statement_id, lexeme_id, times, length
    ) {_GONE.format(entry="statement_id", counted="WHERE times > 0")}
"""

"""How many there are of each kind that is indexed, and in how many of them each lexeme stands."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from topics.models.search import Indexed

COUNTED = {
    Indexed.TOPIC: "topics",
    Indexed.REFERENCE: "references",
    Indexed.TERM: "terms",
    Indexed.STATEMENT: "statements",
}


class Tally:
    """What changes in the counts of one kind: in how many each lexeme stands, how many there are.

    Written once for what is taken out and put in together: of a topic that is published again,
    most words stay, and counting them down and up would cost more than all else.
    """

    def __init__(self, kind: Indexed):
        self.kind = kind
        self.lexemes: Counter[int] = Counter()
        self.entries = self.length = 0

    def take_out(self, sql: str, given: list) -> None:
        """Run SQL that deletes postings and returns how many of what are gone."""
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            entries, length, lexemes, times = cursor.fetchone()
        self.entries -= entries
        self.length -= length
        self.lexemes.subtract(dict(zip(lexemes or [], times or [], strict=True)))

    def put_in(self, lexemes: Iterable[int], entries: int, length: int) -> None:
        self.entries += entries
        self.length += length
        self.lexemes.update(lexemes)

    def write(self) -> None:
        changed = {number: n for number, n in self.lexemes.items() if n}
        with connection.cursor() as cursor:
            if changed:
                cursor.execute(COUNT_LEXEMES[self.kind], [array(changed), array(changed.values())])
            if self.entries or self.length:
                cursor.execute(COUNT, [int(self.kind), self.entries, self.length])


def array(values: Iterable) -> str:
    """Return numbers as PostgreSQL writes an array: it reads that much faster than `ARRAY[…]`."""
    return f"{{{','.join(map(str, values))}}}"


COUNT = """
    INSERT INTO topics_indextotal (kind, entries, length) VALUES (%s, %s, %s)
    ON CONFLICT (kind) DO UPDATE SET
        entries = topics_indextotal.entries + EXCLUDED.entries,
        length = topics_indextotal.length + EXCLUDED.length
"""
COUNT_LEXEMES = {
    kind: f"""
        UPDATE topics_lexeme SET "{column}" = "{column}" + counted.n
        FROM unnest(%s::int[], %s::int[]) AS counted(lexeme, n) WHERE id = counted.lexeme
    """
    for kind, column in COUNTED.items()
}

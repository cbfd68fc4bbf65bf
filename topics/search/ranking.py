"""Which topics, references, terms and statements answer a query best: BM25 with feedback, in SQL.

A query is a dictionary of lexemes with weights, 1 for a word that was typed. No word is required;
rare ones count most. All functions return pairs of number and score, the best first.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import QuerySet

from topics.models import Statement
from topics.models.search import Indexed
from topics.search import weights
from topics.search.tallies import COUNTED, array

Scores = dict[int, float]


@dataclass
class Lexemes:
    """The lexemes of a query that the index knows: number, weight, and in how many they stand."""

    weights: dict[int, float]
    names: dict[int, str]
    counts: dict[Indexed, dict[int, int]]
    totals: dict[Indexed, tuple[int, int]]
    # Of all lexemes, also those that are too many to rank by: in how many statements each stands.
    said: dict[str, int]
    # All lexemes of the query that stand somewhere in what can be found.
    standing: set[str]

    @classmethod
    def read(cls, query: dict[str, float]) -> "Lexemes":
        """Look up the lexemes of a query: the rarest 16 that were typed, and as many others."""
        with connection.cursor() as cursor:
            cursor.execute(LOOK_UP, [list(query)])
            rows = cursor.fetchall()
            cursor.execute(TOTALS)
            totals = {Indexed(kind): (n, length) for kind, n, length in cursor.fetchall()}
        # A word of headings and names alone stands above many statements: it is not rare for that.
        said = {lexeme: max(statements, topics) for _, lexeme, topics, _, _, statements in rows}
        standing = {lexeme for _number, lexeme, *counts in rows}
        rows.sort(key=lambda row: row[2])
        typed = [row for row in rows if query[row[1]] == 1.0][: weights.MOST_LEXEMES]
        rows = typed + [row for row in rows if query[row[1]] < 1.0][: weights.MOST_LEXEMES]
        kinds = list(COUNTED)
        return cls(
            weights={row[0]: query[row[1]] for row in rows},
            names={row[0]: row[1] for row in rows},
            counts={kind: {row[0]: row[2 + n] for row in rows} for n, kind in enumerate(kinds)},
            totals=totals,
            said=said,
            standing=standing,
        )

    def rarities(self, kind: Indexed) -> dict[int, float]:
        """Return how much each lexeme counts in a kind, that is weight × idf; the rarest first."""
        n, counts = self.entries(kind), self.counts[kind]
        found = {
            number: self.weights[number] * idf(n, count)
            for number, count in sorted(counts.items(), key=lambda item: item[1])
            if count > 0
        }
        return found

    def entries(self, kind: Indexed) -> int:
        return self.totals.get(kind, (0, 0))[0]

    def average(self, kind: Indexed) -> float:
        """Return how many lexemes one of a kind has on average."""
        n, length = self.totals.get(kind, (0, 0))
        return max(length / n, 1.0) if n else 1.0

    @cached_property
    def total_weight(self) -> float:
        return sum(self.weights.values()) or 1.0


def idf(entries: int, count: int) -> float:
    """Return the rarity of a lexeme that stands in `count` of so many entries."""
    return math.log(1 + (entries - count + 0.5) / (count + 0.5))


def rank(
    lexemes: Lexemes, kind: Indexed, limit: int, among: tuple[str, tuple] | None = None
) -> list[tuple[int, float]]:
    """Rank all of one kind. `among` is SQL, with its values, that selects which may be found."""
    first, rest = _rarest(lexemes, kind)
    if not first:
        return []
    condition, chosen = among or ("", ())
    sql = RANK.format(among=f"AND p.entry_id IN ({condition})" if condition else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values(first, lexemes, kind), *chosen, limit])
        scores = dict(cursor.fetchall())
    if rest and scores:
        for number, score in _scores(lexemes, kind, rest, scores).items():
            scores[number] += score
    return _best_first(scores)


def feed_back(
    lexemes: Lexemes, kind: Indexed, ranked: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Rank the best once more, with the words that the very best of them share.

    It helps who describes something in words that no text has all of. Where one of the best has
    (nearly) all, it was looked for by its own words, and would only be pushed aside.
    """
    best = ranked[: weights.FEEDBACK_HITS]
    if coverage(lexemes, kind, best) > weights.COVERED:
        return ranked
    shared = _shared(lexemes, kind, best)
    if not shared:
        return ranked
    again = dict(ranked[: weights.RERANKED])
    added = _scores(lexemes, kind, shared, again)
    share = weights.FEEDBACK_SHARE
    fed = {
        number: (1 - share) * score / lexemes.total_weight + share * added.get(number, 0.0)
        for number, score in again.items()
    }
    # In the units of the first ranking, so that the rest can follow.
    unit = lexemes.total_weight / (1 - share)
    return (
        _best_first({number: score * unit for number, score in fed.items()}) + ranked[len(again) :]
    )


@dataclass
class Place:
    """A statement: its topic, how often it says each lexeme, and which stand above it."""

    topic: int
    said: dict[str, int]
    headed: set[str]


def statements(
    rarities: dict[str, float],
    topics: Collection[int],
    limit: int,
    among: QuerySet | None = None,
) -> dict[int, Place]:
    """Return the statements of some topics that have most of what counts, by number.

    `among` are the numbers of those that may be found, all if it is not given.
    """
    if not rarities or not topics:
        return {}
    condition, chosen = among.query.sql_with_params() if among is not None else ("", ())
    sql = RANK_STATEMENTS.format(among=f"AND p.statement_id IN ({condition})" if condition else "")
    given = [list(rarities), list(rarities.values()), list(topics), *chosen, limit]
    return _places(sql, given)


def places(rarities: dict[str, float], statements: Collection[int]) -> dict[int, Place]:
    """Return some statements with what they have of what counts, by number."""
    sql = RANK_STATEMENTS.format(among="AND p.statement_id = ANY(%s)")
    topics = Statement.objects.filter(pk__in=statements).values_list("listing", flat=True)
    return _places(
        sql,
        [
            list(rarities),
            list(rarities.values()),
            list(topics),
            list(statements),
            len(statements),
        ],
    )


def _places(sql: str, given: list) -> dict[int, Place]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {
            number: Place(
                topic,
                {word: n for word, n in zip(words, times, strict=True) if n},
                {word for word, is_above in zip(words, above, strict=True) if is_above},
            )
            for number, topic, words, times, above in cursor.fetchall()
        }


def _rarest(lexemes: Lexemes, kind: Indexed) -> tuple[dict[int, float], dict[int, float]]:
    """Part the lexemes: the rarest, by which candidates are found, and the rest.

    Common ones are among the rarest as long as there are few places to read.
    """
    rarities = lexemes.rarities(kind)
    mass, places = sum(rarities.values()) * weights.RAREST_SHARE, 0
    first: dict[int, float] = {}
    for number, rarity in rarities.items():
        places += lexemes.counts[kind][number]
        is_enough = sum(first.values()) >= mass and places > weights.PLACES_READ
        if first and (is_enough or places > weights.MOST_PLACES_READ):
            break
        first[number] = rarity
    return first, {number: one for number, one in rarities.items() if number not in first}


def _scores(lexemes: Lexemes, kind: Indexed, rarities: dict[int, float], among: Scores) -> Scores:
    """Return what some more lexemes add to the scores of some entries."""
    with connection.cursor() as cursor:
        columns = values(rarities, lexemes, kind)
        cursor.execute(SCORE, [*columns, array(among)])
        return dict(cursor.fetchall())


def values(rarities: dict[int, float], lexemes: Lexemes, kind: Indexed) -> list:
    """Return the numbers of lexemes, what they count, the average length, and the kind."""
    return [array(rarities), array(rarities.values()), lexemes.average(kind), int(kind)]


def coverage(lexemes: Lexemes, kind: Indexed, best: list[tuple[int, float]]) -> float:
    """Return the share of the query's rarity that one of the best hits has at the most."""
    rarities = lexemes.rarities(kind)
    total = sum(rarities.values())
    with connection.cursor() as cursor:
        numbers = [number for number, _ in best]
        cursor.execute(COVERED, [int(kind), numbers, list(rarities)])
        covered = [sum(rarities[one] for one in found) for (found,) in cursor.fetchall()]
    return max(covered, default=0.0) / total if total else 0.0


def _shared(lexemes: Lexemes, kind: Indexed, best: list[tuple[int, float]]) -> dict[int, float]:
    """Return the lexemes that the best hits share, each with what it counts; they sum up to idf."""
    entries = lexemes.entries(kind)
    lowest = weights.FEEDBACK_RAREST * entries
    highest = max(weights.FEEDBACK_COMMONEST * entries, 2)
    numbers, scores = [number for number, _ in best], [score for _, score in best]
    sql = SHARED.format(count=f'"{COUNTED[kind]}"')
    with connection.cursor() as cursor:
        cursor.execute(sql, [numbers, scores, int(kind), lowest, highest])
        rows = cursor.fetchall()
    found = sorted(
        ((number, strength * idf(entries, count), count) for number, strength, count in rows),
        key=lambda row: -row[1],
    )[: weights.FEEDBACK_WORDS]
    total = sum(strength for _, strength, _ in found)
    return {number: strength / total * idf(entries, n) for number, strength, n in found}


def _best_first(scores: Scores) -> list[tuple[int, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


LOOK_UP = """
    SELECT id, lexeme, topics, "references", terms, statements FROM topics_lexeme
    WHERE lexeme = ANY(%s) AND topics + "references" + terms + statements > 0
"""
TOTALS = "SELECT kind, entries, length FROM topics_indextotal"
# BM25 of one posting `p` for a lexeme that counts `q.rarity`; avg is the average length.
# Numbers are those of the processor: `numeric`, as a bare 0.75 would be, takes many times as long.
_BM25 = (
    f"q.rarity * p.weight * {weights.K1 + 1}::float8 / "
    f"(p.weight + {weights.K1 * (1 - weights.B)}::float8 + "
    f"{weights.K1 * weights.B}::float8 / given.average * p.length)"
)
_QUERY = (
    "unnest(%s::int[], %s::float8[]) AS q(lexeme_id, rarity), (SELECT %s::float8 average) given"
)
RANK = f"""
    SELECT p.entry_id, sum({_BM25}) AS score
    FROM {_QUERY} JOIN topics_posting p ON p.kind = %s
    WHERE p.lexeme_id = q.lexeme_id {{among}}
    GROUP BY p.entry_id ORDER BY score DESC LIMIT %s
"""
SCORE = f"""
    SELECT p.entry_id, sum({_BM25}) AS score
    FROM {_QUERY}, topics_posting p
    WHERE p.kind = %s AND p.lexeme_id = q.lexeme_id AND p.entry_id = ANY(%s::int[])
    GROUP BY p.entry_id
"""
# The best by a rough sum, and of each what is needed to look closer.
RANK_STATEMENTS = f"""
    SELECT p.statement_id, min(p.listing_id), array_agg(q.lexeme), array_agg(p.times),
        array_agg(p.in_heading)
    FROM (
        SELECT l.id, l.lexeme, asked.rarity FROM unnest(%s::text[], %s::float8[])
            AS asked(lexeme, rarity) JOIN topics_lexeme l ON l.lexeme = asked.lexeme
    ) q
    JOIN topics_statementposting p ON p.lexeme_id = q.id
    WHERE p.listing_id = ANY(%s) {{among}}
    GROUP BY p.statement_id
    ORDER BY sum(q.rarity * CASE WHEN p.in_name THEN {weights.TOPIC_NAME}::float8
        WHEN p.in_heading THEN {weights.HEADING}::float8 ELSE 1 END) DESC, p.statement_id LIMIT %s
"""
EACH = f"""
    SELECT p.entry_id, p.lexeme_id, {_BM25}
    FROM {_QUERY}, topics_posting p
    WHERE p.kind = %s AND p.lexeme_id = q.lexeme_id AND p.entry_id = ANY(%s)
"""
COVERED = """
    SELECT array_agg(lexeme_id) FROM topics_posting
    WHERE kind = %s AND entry_id = ANY(%s) AND lexeme_id = ANY(%s) GROUP BY entry_id
"""
# By a lookup for each: PostgreSQL would rather read all lexemes.
SHARED = """
    SELECT * FROM (
        SELECT lexeme_id, strength,
            (SELECT {count} FROM topics_lexeme WHERE id = lexeme_id) AS entries
        FROM (
            SELECT p.lexeme_id, sum(best.score * p.weight / greatest(p.length, 1)) AS strength
            FROM unnest(%s::int[], %s::float8[]) AS best(entry_id, score)
            JOIN topics_posting p ON p.entry_id = best.entry_id AND p.kind = %s
            GROUP BY p.lexeme_id
        ) each
    ) shared
    WHERE entries BETWEEN %s::float8 AND %s::float8
"""

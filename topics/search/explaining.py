"""Why a result ranks where it does, in figures that can be added up."""

from dataclasses import dataclass

from django.db import connection

from topics.models.search import Indexed
from topics.search import answering, finding, ranking, weights
from topics.search.answering import Hit
from topics.search.finding import Asked


@dataclass
class Word:
    """What one lexeme of a query adds to the score of an entry.

    `weight` is what it counts in the query (1 for a typed word), `rarity` its inverse document
    frequency, `value` what it adds.
    """

    lexeme: str
    weight: float
    rarity: float
    value: float


@dataclass
class Part:
    """What one concept of a query adds to the score of a statement.

    `said`, `headed` and `named` say how much of it stands in the statement, in the question above
    it, and in what its topic is called; the largest counts, the others a share.
    """

    names: list[str]
    rarity: float
    said: float
    headed: float
    named: float
    value: float


def words(asked: Asked, kind: Indexed, entries: list[int]) -> dict[int, list[Word]]:
    """Return, by entry, the words of a query that it has, what adds most first."""
    known = asked.known
    rarities = known.rarities(kind)
    if not rarities or not entries:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ranking.EACH, [*ranking.values(rarities, known, kind), entries])
        rows = cursor.fetchall()
    found: dict[int, list[Word]] = {}
    for entry, lexeme, value in sorted(rows, key=lambda row: -row[2]):
        weight = known.weights[lexeme]
        word = Word(known.names[lexeme], weight, rarities[lexeme] / weight, value)
        found.setdefault(entry, []).append(word)
    return found


def concepts(asked: Asked, hits: list[Hit]) -> dict[int, list[Part]]:
    """Return, by statement, what each concept of a query adds to the part `words` of its score."""
    numbers = [hit.number for hit in hits]
    places = ranking.places(answering.lexemes(asked), numbers)
    names = answering.names_of({place.topic for place in places.values()})
    found = {}
    for number, place in places.items():
        shares = answering.shares(asked, place, names[place.topic])
        found[number] = [
            Part(
                [" ".join(name) for name in concept.names],
                concept.rarity,
                *share,
                concept.rarity * answering.joined(share),
            )
            for concept, share in zip(asked.named.concepts, shares, strict=True)
        ]
    return found


def added(
    asked: Asked, topic: int, score: float, words: list[Word], *, is_pinned: bool
) -> dict[str, float]:
    """Return what makes up the score of a topic: its words, and what feedback and its name add."""
    said = sum(word.value for word in words)
    by_name = asked.named.topics.get(topic, frozenset())
    rarities = finding.rarities_of(asked, Indexed.TOPIC)
    named = weights.NAMED * sum(rarities.get(one, 0.0) for one in by_name)
    rest = "pinned, feedback and meaning" if is_pinned else "feedback and meaning"
    return {"words": said, "named": named, rest: score - said - named}

"""Which statements answer a query best: by its concepts, and by how each is read."""

from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import QuerySet

from topics.choices import SectionKind
from topics.models import Listing, Statement
from topics.search import asking, ranking, semantic, text, weights
from topics.search.finding import Asked, Ranked

# How much of a concept stands in a statement, in the question above it, in the name of its topic.
Shares = tuple[float, float, float]


@dataclass
class Hit:
    """A statement that was found, and how its score came about."""

    number: int
    topic: int
    score: float
    parts: dict[str, float] = field(default_factory=dict)


def statements(
    asked: Asked, ranked: Ranked, limit: int, among: QuerySet[Statement] | None = None
) -> list[Hit]:
    """Return the statements of the best topics that answer best, if given only some of `among`."""
    best = [number for number, _ in ranked[: weights.TOPICS_WITH_STATEMENTS]]
    most = max(limit, weights.STATEMENTS_RANKED)
    found = _by_words(asked, best, among, most)[: max(limit, weights.STATEMENTS_READ)]
    meant = semantic.fuse_statements(asked, found, best, among)
    hits = [Hit(n, topic, 0.0, {"words": s, "meaning": m}) for n, topic, s, m in meant]
    return sorted(_read(asked, hits), key=_order)[:limit]


def of_weight(
    asked: Asked, ranked: Ranked, share: float, among: QuerySet | None = None
) -> list[int]:
    """Return the statements of the best topics that have at least a share of what is asked."""
    best = [number for number, _ in ranked[: weights.TOPICS_WITH_STATEMENTS]]
    least = share * sum(concept.rarity for concept in asked.named.concepts)
    return [number for number, _, score in _by_words(asked, best, among) if score >= least]


def _by_words(
    asked: Asked,
    topics: list[int],
    among: QuerySet | None = None,
    most: int = weights.STATEMENTS_RANKED,
) -> list[tuple[int, int, float]]:
    """Return number, topic and score of statements of some topics, the best first."""
    places = ranking.statements(lexemes(asked), topics, most, among)
    names = names_of({place.topic for place in places.values()})
    found = [
        (number, place.topic, _about(asked, place, names[place.topic]))
        for number, place in places.items()
        if place.topic in names
    ]
    return sorted(found, key=lambda each: (-each[2], each[0]))


def _order(hit: Hit) -> tuple[float, int]:
    return -hit.score, hit.number


def lexemes(asked: Asked) -> dict[str, float]:
    """Return how much each lexeme of any name of a concept counts among statements."""
    found: dict[str, float] = {}
    for concept in asked.named.concepts:
        for words, share in concept.names.items():
            whole = sum(asked.rarities[word] for word in words)
            for word in words:
                part = concept.rarity * share * asked.rarities[word] / whole
                found[word] = max(found.get(word, 0.0), part)
    return found


def names_of(topics: set[int]) -> dict[int, dict[str, float]]:
    """Return, by topic, how much each lexeme of what it is called counts there."""
    found = {}
    rows = Listing.objects.filter(pk__in=topics).values_list("pk", "title", "synonyms")
    for number, title, synonyms in rows:
        of_synonyms = {one.lexeme for name in synonyms for one in text.tokens(name)}
        found[number] = dict.fromkeys(of_synonyms, weights.SYNONYM_OF_TOPIC)
        found[number] |= {one.lexeme: 1.0 for one in text.tokens(title)}
    return found


def shares(asked: Asked, place: ranking.Place, name: dict[str, float]) -> list[Shares]:
    """Return, for each concept of a query, how much of it a statement has, and where."""
    k1 = weights.STATEMENT_K1
    said = {word: min(1.0, n * (k1 + 1) / (n + k1)) for word, n in place.said.items()}
    headed = dict.fromkeys(place.headed, 1.0)
    return [
        (
            concept.share(said, asked.rarities),
            concept.share(headed, asked.rarities),
            1.0 if place.topic in concept.topics else concept.share(name, asked.rarities),
        )
        for concept in asked.named.concepts
    ]


def joined(share: Shares) -> float:
    """Return what a concept counts: where it counts most, and a part of the other places."""
    parts = (share[0], weights.HEADING * share[1], weights.TOPIC_NAME * share[2])
    best = max(parts)
    return best + weights.ELSEWHERE * (sum(parts) - best)


def _about(asked: Asked, place: ranking.Place, name: dict[str, float]) -> float:
    """Return how much a statement is about what is asked."""
    found = zip(asked.named.concepts, shares(asked, place, name), strict=True)
    return sum(concept.rarity * joined(share) for concept, share in found)


def _read(asked: Asked, hits: list[Hit]) -> list[Hit]:
    """Read statements word by word, and add what that tells to their scores."""
    rarities = lexemes(asked)
    said = Statement.objects.filter(pk__in=[hit.number for hit in hits]).order_by()
    rows = {pk: row for pk, *row in said.values_list("pk", "text", "section_kind")}
    # What is gone meanwhile is not read.
    hits = [hit for hit in hits if hit.number in rows]
    for hit in hits:
        (words, kind), score = rows[hit.number], hit.parts["words"]
        hit.parts |= {
            "together": weights.TOGETHER * _together(words, rarities),
            "key point": weights.KEY_POINT * score * (kind == SectionKind.KEY_POINTS),
            "fitting": weights.FITTING * score * asking.fits(asked.typed, words),
        }
        hit.score = sum(hit.parts.values())
    return hits


def _together(words: str, rarities: dict[str, float]) -> float:
    """Return how much of a query stands close together: pairs within a few words of each other."""
    places = [(t.position, t.lexeme) for t in text.tokens(words) if t.lexeme in rarities]
    pairs: dict[frozenset[str], float] = {}
    for (here, one), (there, other) in pairwise(places):
        if one != other and there - here <= 4:
            pair = frozenset((one, other))
            value = min(rarities[one], rarities[other]) / (there - here or 1)
            pairs[pair] = max(pairs.get(pair, 0.0), value)
    return sum(pairs.values())

"""One search over topics, statements, references and glossary."""

from dataclasses import dataclass, field
from itertools import pairwise

from topics.choices import SectionKind
from topics.models import Statement
from topics.models.search import Indexed
from topics.search import asking, naming, ranking, spelling, text, weights
from topics.search.naming import Named
from topics.search.ranking import Lexemes

Ranked = list[tuple[int, float]]


@dataclass
class Asked:
    """A query as it is ranked by: its lexemes in order, what it names, what was put right."""

    typed: str
    lexemes: list[str]
    known: Lexemes
    named: Named
    corrections: dict[str, str] = field(default_factory=dict)


@dataclass
class Hit:
    """A statement that was found, and how its score came about."""

    number: int
    topic: int
    score: float
    parts: dict[str, float] = field(default_factory=dict)


def ask(words: str, *, correct: bool = True) -> Asked:
    """Look up what a query is about. Words that stand nowhere are put right if `correct`."""
    tokens = list(text.tokens(words))
    lexemes = [token.lexeme for token in tokens if not token.is_whole]
    wholes = [token.lexeme for token in tokens if token.is_whole]
    named = naming.read(lexemes)
    corrections = _corrections(tokens) if correct else {}
    if corrections:
        lexemes = [corrections.get(one, (one, ""))[0] for one in lexemes]
        named = naming.read(lexemes)
    query = named.others | dict.fromkeys([*lexemes, *wholes], 1.0)
    shown = {typed: word for _, (_, word, typed) in corrections.items()} if corrections else {}
    return Asked(words, lexemes, Lexemes.read(query), named, shown)


def _corrections(tokens: list[text.Token]) -> dict[str, tuple[str, str, str]]:
    """Return, by lexeme, lexeme and word that were meant in place of a word that stands nowhere."""
    standing = ranking.standing({token.lexeme for token in tokens})
    unknown = [token for token in tokens if token.lexeme not in standing and not token.is_whole]
    found = {}
    for token in unknown[: weights.MOST_CORRECTED]:
        if meant := spelling.correction(text.plain(token.word)):
            found[token.lexeme] = (text.lexeme(meant), meant, token.word)
    return found


def rank_topics(words: str) -> Ranked:
    """Return the topics that answer a question best, by number, with their scores."""
    return topics(ask(words))


def topics(asked: Asked, among: tuple[str, tuple] | None = None) -> Ranked:
    known = asked.known
    ranked = ranking.rank(known, Indexed.TOPIC, weights.CANDIDATES, among)
    ranked = ranking.feed_back(known, Indexed.TOPIC, ranked)
    return _named_first(asked, ranked)


def _named_first(asked: Asked, ranked: Ranked) -> Ranked:
    """Lift the topics that a query names: the more of it the name is, the more."""
    rarities = _rarities(asked, Indexed.TOPIC)
    scores = dict(ranked)
    for number, lexemes in asked.named.topics.items():
        if number in scores:
            scores[number] += weights.NAMED * sum(rarities.get(one, 0.0) for one in lexemes)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def statements(asked: Asked, ranked: Ranked, limit: int) -> list[Hit]:
    """Return the statements of the best topics that answer best."""
    best = dict(ranked[: weights.TOPICS_WITH_STATEMENTS])
    found = ranking.statements(asked.known, best, weights.STATEMENTS_READ)
    rarities = _rarities(asked, Indexed.STATEMENT)
    rows = Statement.objects.in_bulk([number for number, _, _ in found])
    hits = []
    for number, topic, score in found:
        row = rows[number]
        parts = {
            "words": score,
            "together": weights.TOGETHER * _together(row.text, rarities),
            "key point": weights.KEY_POINT * score * (row.section_kind == SectionKind.KEY_POINTS),
            "fitting": weights.FITTING * score * asking.fits(asked.typed, row.text),
        }
        hits.append(Hit(number, topic, sum(parts.values()), parts))
    return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:limit]


def _rarities(asked: Asked, kind: Indexed) -> dict[str, float]:
    names = asked.known.names
    return {names[number]: rarity for number, rarity in asked.known.rarities(kind).items()}


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

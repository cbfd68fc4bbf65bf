"""What a query is about, and which topics answer it best."""

from dataclasses import dataclass, field

from topics.models.search import Indexed
from topics.search import naming, ranking, semantic, spelling, text, weights
from topics.search.concepts import GENERAL, Concept
from topics.search.naming import Named
from topics.search.ranking import Lexemes

Ranked = list[tuple[int, float]]


@dataclass
class Asked:
    """A query as it is ranked by: its lexemes in order, what it names, what was put right.

    `offers` has words that stand nowhere, each with one that may have been meant; `written` has the
    lexemes as they were typed.
    """

    typed: str
    lexemes: list[str]
    known: Lexemes
    named: Named
    corrections: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    # Of lexemes, by how many statements have each.
    rarities: dict[str, float] = field(default_factory=dict)

    def __post_init__(self):
        entries, said = self.known.entries(Indexed.STATEMENT), self.known.said
        for concept in self.named.concepts:
            concept.weigh(entries, said)
            for words in concept.names:
                for word in words:
                    self.rarities[word] = ranking.idf(entries, max(said.get(word, 0), 1))

    @property
    def telling(self) -> list[Concept]:
        """What the query is about, without words that every question has."""
        return [concept for concept in self.named.concepts if concept.is_telling]

    @property
    def missing(self) -> list[str]:
        """What of it stands in no statement, as it was typed."""
        return [self.typed_as(concept) for concept in self.telling if concept.is_missing]

    def typed_as(self, concept: Concept) -> str:
        return " ".join(self.written.get(one, one) for one in concept.typed)


def ask(words: str, *, correct: bool = True) -> Asked:
    """Look up what a query is about. Words that stand nowhere are put right if `correct`."""
    tokens = list(text.tokens(words))
    lexemes = [token.lexeme for token in tokens if not token.is_whole]
    wholes = [token.lexeme for token in tokens if token.is_whole]
    named, known = _read(lexemes, wholes)
    unknown = _unknown(tokens, known.standing | named.words) if correct else []
    begun = {one.lexeme: spelling.completions(text.plain(one.word)) for one in unknown}
    near = _near(unknown, begun)
    right = {one.lexeme: near[one.lexeme] for one in unknown if _is_sure(one, near, begun)}
    if right or any(begun.values()):
        lexemes = [text.lexeme(right[one]) if one in right else one for one in lexemes]
        named, known = _read(lexemes, wholes, begun)
    written = {token.lexeme: token.word for token in tokens}
    written |= {text.lexeme(word): word for word in right.values()}
    return Asked(
        words, lexemes, known, named,
        corrections={written[one]: word for one, word in right.items()},
        offers={written[one]: word for one, word in near.items() if one not in right},
        written=written,
    )  # fmt: skip


def _read(
    lexemes: list[str], wholes: list[str], begun: dict[str, dict[str, str]] | None = None
) -> tuple[Named, Lexemes]:
    named = naming.read(lexemes)
    for beginning, completions in (begun or {}).items():
        named.complete(beginning, completions)
    return named, Lexemes.read(named.others | dict.fromkeys([*lexemes, *wholes], 1.0))


def _unknown(tokens: list[text.Token], right: set[str]) -> list[text.Token]:
    """Return words that stand nowhere, by which nothing is called, and that may say something."""
    found = [
        token
        for token in tokens
        if token.lexeme not in right
        and not token.is_whole
        and token.lexeme not in GENERAL
        and not spelling.is_common(text.plain(token.word))
    ]
    return found[: weights.MOST_CORRECTED]


def _near(unknown: list[text.Token], begun: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return, by lexeme, the word that was meant in place of a word that stands nowhere.

    `begun` has the words that each begins: a single one was meant, of several each may be.
    """
    found = {}
    for token in unknown:
        words = list(begun[token.lexeme].values())
        meant = words[0] if len(words) == 1 else ""
        meant = meant or (not words and spelling.correction(text.plain(token.word)))
        if meant and text.lexeme(meant) != token.lexeme:
            found[token.lexeme] = meant
    return found


def _is_sure(token: text.Token, near: dict[str, str], begun: dict[str, dict[str, str]]) -> bool:
    """Return whether a word may be replaced by the one that is near, and not only be offered it."""
    meant = near.get(token.lexeme, "")
    is_begun = meant in begun[token.lexeme].values()
    return bool(meant) and (is_begun or spelling.is_slip(text.plain(token.word), meant))


def rank_topics(words: str) -> Ranked:
    """Return the topics that answer a question best, by number, with their scores."""
    return topics(ask(words))


def topics(asked: Asked, among: tuple[str, tuple] | None = None) -> Ranked:
    known = asked.known
    ranked = ranking.rank(known, Indexed.TOPIC, weights.CANDIDATES, among)
    ranked = ranking.feed_back(known, Indexed.TOPIC, ranked)
    return semantic.fuse_topics(asked, _named_first(asked, ranked), among)


def _named_first(asked: Asked, ranked: Ranked) -> Ranked:
    """Lift the topics that a query names: the more of it the name is, the more."""
    rarities = rarities_of(asked, Indexed.TOPIC)
    scores = dict(ranked)
    best = max(scores.values(), default=0.0)
    typed = sum(rarities.get(one, 0.0) for one in set(asked.lexemes))
    for number, lexemes in asked.named.topics.items():
        if number in scores:
            named = sum(rarities.get(one, 0.0) for one in lexemes)
            scores[number] += weights.NAMED * named
            if named >= weights.NAMED_WHOLE * typed:
                scores[number] += best
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def rarities_of(asked: Asked, kind: Indexed) -> dict[str, float]:
    """Return, by lexeme, how much each counts in a kind."""
    names = asked.known.names
    return {names[number]: rarity for number, rarity in asked.known.rarities(kind).items()}

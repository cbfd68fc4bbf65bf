"""A query as what it is about: concepts, each with all names that it may be written by.

`how long after allo-HSCT` is about *how long* and about one concept that statements write as HSCT,
HCT, BMT or hematopoietic stem cell transplantation. A concept is as rare as its names together are,
and a statement that has one of them has it, however many names there are.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from topics.models.search import Indexed
from topics.search import text, weights
from topics.search.ranking import idf

Words = tuple[str, ...]
# By kind and number of something that was named, what else it is called: kind and key of each.
Kin = dict[tuple[int, int], list[tuple[int, str]]]
# Words of a question, and of what is judged, rather than of what it is about.
GENERAL = frozenset(
    text.key(
        """
        able actual advice advise ago allow allowed almost alone along already always amount another
        answer apart appear apply around avoid away back bad base become begin behind believe
        benefit best better big bring call came candidate cannot care carry case cause certain
        chance change choose clear close come common complete concern consider contain continue
        correct couple course current day deal decide describe detail develop difference different
        difficult done easy effective eligible else end enough entire especially even event ever
        every evidence exact example exist expect experience explain fact fall fast feel felt few
        find fine follow forward found full further general go good got great group grow guess
        happen hard hear help hold hope idea important include increase indicate indicated
        information instead issue keep kind know known large last late later lead learn least leave
        left less life likely list little live long look lot low lower main make manage matter may
        maybe measure meet might mind moment move much must near nearly necessary need never new
        next nice normal nothing notice now number occur offer often ok okay old open option order
        part particular people perhaps permit person place plan possible probably problem process
        progress provide question quickly quite rather read ready real reason recent recommend
        regard related remain remember report require result right role run safe said say seem seen
        set several short show side similar simple since situation small somebody sometimes soon
        sort special start state stay step still stop strong suddenly suffer suggest suitable
        suppose sure take taken talk thank think thought time today together told took toward tried
        true try turn type typical understand unless useful usual value various want way well went
        whether whole wide wonder work worry worse worst worth wrong year yet
        """
    ).split()
)


@dataclass
class Concept:
    """What is meant by one or more words of a query.

    `names` has each way to write it, as lexemes, with the share of the typed one that it counts;
    `topics` are those that are called so. `rarity` is 0 as long as nobody counted; then
    `is_missing` says that no statement has it, though one may have what it is a kind of.
    """

    typed: Words
    names: dict[Words, float] = field(default_factory=dict)
    topics: set[int] = field(default_factory=set)
    # Of the names, those of a topic that is called so.
    of_topics: set[Words] = field(default_factory=set)
    rarity: float = 0.0
    is_missing: bool = False

    @property
    def is_telling(self) -> bool:
        """Whether it is what a question is about, rather than how it is asked."""
        return not all(word in GENERAL or word[0].isdigit() for word in self.typed)

    def weigh(self, entries: int, counts: dict[str, int]) -> None:
        """Set the rarity, by how many of so many entries have each lexeme.

        A name of several words is taken to be as frequent as the rarest of them. What stands
        nowhere itself is as rare as what it is a kind of.
        """
        whole = [words for words, share in self.names.items() if share >= weights.SAME]
        count = _count(whole, counts)
        self.is_missing = not count and not _count(self.of_topics, counts)
        count = count or _count(self.names, counts)
        rarity = idf(entries, min(max(count, 1), entries))
        if all(word in GENERAL for word in self.typed):
            rarity *= weights.GENERAL
        elif all(word[0].isdigit() for word in self.typed):
            rarity *= weights.NUMBER
        if self.topics:
            rarity *= weights.SUBJECT
        self.rarity = rarity**weights.RARITY_POWER

    def stands_in(self, lexemes: Collection[str]) -> bool:
        """Return whether a text with these lexemes has it, by any of its names."""
        return any(all(word in lexemes for word in words) for words in self.names)

    def share(self, found: dict[str, float], rarities: dict[str, float]) -> float:
        """Return how much of the concept stands somewhere, 1 for all of a name.

        `found` has, by lexeme, how much each counts that stands there.
        """
        best = 0.0
        for words, share in self.names.items():
            if here := sum(rarities[word] * found[word] for word in words if word in found):
                best = max(best, share * here / sum(rarities[word] for word in words))
        return best


def _count(names: Iterable[Words], counts: dict[str, int]) -> int:
    return sum(min(counts.get(word, 0) for word in words) for words in names)


def read(lexemes: list[str], names: Iterable[tuple[int, int, str]], kin: Kin) -> list[Concept]:
    """Part the lexemes of a query into concepts: the longest names first, then single words.

    `names` are what is called by a run of the lexemes: kind, number and key of each.
    """
    owners: dict[Words, list[tuple[int, int]]] = {}
    for kind, number, key in names:
        owners.setdefault(tuple(key.split()), []).append((kind, number))
    concepts: dict[Words, Concept] = {}
    for typed in _runs(lexemes, owners):
        if typed in concepts:
            continue
        concept = concepts[typed] = Concept(typed, {typed: 1.0})
        for kind, number in owners.get(typed, ()):
            if kind == Indexed.TOPIC:
                concept.topics.add(number)
            for other, key in kin.get((kind, number), ()):
                words, share = tuple(key.split()), weights.NAMES[kind][other]
                concept.names[words] = max(concept.names.get(words, 0.0), share)
                if kind == Indexed.TOPIC:
                    concept.of_topics.add(words)
    return list(concepts.values())


def _runs(lexemes: list[str], names: Collection[Words]) -> list[Words]:
    """Return the words of a query in order, those together that are one name."""
    longest = max(map(len, names), default=1)
    taken: dict[int, Words] = {}
    for length in range(longest, 0, -1):
        for start in range(len(lexemes) - length + 1):
            run = tuple(lexemes[start : start + length])
            places = range(start, start + length)
            if (length == 1 or run in names) and not taken.keys() & set(places):
                taken |= dict.fromkeys(places, ()) | {start: run}
    return [taken[place] for place in sorted(taken) if taken[place]]

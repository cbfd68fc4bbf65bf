"""What a query names: topics and terms by any of their names, and what else these are called."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from topics.models import Name
from topics.models.search import Indexed
from topics.search import concepts, weights
from topics.search.concepts import Concept, Kin

LONGEST_NAME = 6


@dataclass
class Named:
    """What a query names. `topics` has, by number, the lexemes of the query that name each.

    `others` has lexemes of other names of the same things, each with the share of a typed word
    that it counts. `concepts` are what the whole query is about.
    """

    topics: dict[int, frozenset[str]] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    concepts: list[Concept] = field(default_factory=list)
    # Of its words, those by which alone something is called.
    words: set[str] = field(default_factory=set)

    def complete(self, beginning: str, lexemes: Iterable[str]) -> None:
        """Read a word that stands nowhere as those that it begins."""
        others = dict.fromkeys(lexemes, weights.COMPLETED)
        for concept in self.concepts:
            if concept.typed == (beginning,):
                concept.names |= {(one,): share for one, share in others.items()}
        self.others = {**others, **self.others}


def read(lexemes: list[str]) -> Named:
    """Return what the lexemes of a query, in their order, name."""
    named = Named()
    runs = {
        " ".join(lexemes[start:end]): frozenset(lexemes[start:end])
        for start in range(len(lexemes))
        for end in range(start + 1, min(start + LONGEST_NAME, len(lexemes)) + 1)
    }
    found = list(Name.objects.filter(key__in=runs).values_list("kind", "entry_id", "key"))
    # The longest name that something is called counts: "graft failure", not "graft".
    found.sort(key=lambda row: len(runs[row[2]]))
    owners: dict[int, set[int]] = {}
    for kind, number, key in found:
        owners.setdefault(kind, set()).add(number)
        if kind == Indexed.TOPIC:
            named.topics[number] = runs[key]
    kin = _kin(owners)
    named.others = _others(kin, set(lexemes))
    named.concepts = concepts.read(lexemes, found, kin)
    named.words = {key for _kind, _number, key in found}.intersection(lexemes)
    return named


def _kin(owners: dict[int, set[int]]) -> Kin:
    """Return, by kind and number of what was named, what else that is called."""
    wanted = Q()
    for kind, numbers in owners.items():
        wanted |= Q(kind__in=weights.NAMES[kind], entry_id__in=numbers)
    if not wanted:
        return {}
    kin: Kin = {}
    for other, number, key in Name.objects.filter(wanted).values_list("kind", "entry_id", "key"):
        for kind, numbers in owners.items():
            if number in numbers and other in weights.NAMES[kind]:
                kin.setdefault((kind, number), []).append((other, key))
    return kin


def _others(kin: Kin, asked: set[str]) -> dict[str, float]:
    """Return the lexemes of other names, those of a short name counting more each."""
    others: dict[str, float] = {}
    for (kind, _), names in kin.items():
        for other, key in names:
            share = weights.OTHER_NAMES[kind][other] / len(key.split())
            for word in key.split():
                if word not in asked:
                    others[word] = max(others.get(word, 0.0), share)
    return others

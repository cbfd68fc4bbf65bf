"""What a query names: topics and terms by any of their names, and what else these are called."""

from dataclasses import dataclass, field

from topics.models import Name
from topics.models.search import Indexed
from topics.search import weights

LONGEST_NAME = 6


@dataclass
class Named:
    """What a query names. `topics` has, by number, the lexemes of the query that name each.

    `others` has lexemes of other names of the same things, each with the share of a typed word
    that it counts.
    """

    topics: dict[int, frozenset[str]] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)


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
    named.others = _others(owners, set(lexemes))
    return named


def _others(owners: dict[int, set[int]], asked: set[str]) -> dict[str, float]:
    """Return the lexemes of other names, those of a short name counting more each."""
    others: dict[str, float] = {}
    for kind, numbers in owners.items():
        whole = weights.SYNONYM if kind == Indexed.SYNONYM else weights.OTHER_NAMES
        rows = Name.objects.filter(kind=kind, entry_id__in=numbers).values_list("key", flat=True)
        for key in rows:
            share = whole / len(key.split())
            for word in key.split():
                if word not in asked:
                    others[word] = max(others.get(word, 0.0), share)
    return others

"""Which part of an earlier Document became which part of a later one."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence

from topics import words

# A part of the earlier list and one of the later list, by their places. A part that was removed or
# added has None on the other side.
Pairs = list[tuple[int | None, int | None]]

# Below this likeness (0 to 1) two rows are different rows rather than one that was changed.
LIKENESS = 0.5
# What names a row counts as much as so many of its other values.
WEIGHT_OF_NAME = 3


def by_key(old: Sequence, new: Sequence, key: Callable[..., Hashable]) -> Pairs:
    """Pair what has the same key. No key may be in a list twice."""
    places = {key(part): n for n, part in enumerate(old)}
    return _merged([places.get(key(part)) for part in new], len(old))


def by_likeness(
    old: Sequence, new: Sequence, likeness: Callable[..., float], least: float = LIKENESS
) -> Pairs:
    """Pair what is the same, then what is most alike, and nothing less alike than `least`."""
    found: dict[int, int] = {}
    for m, after in enumerate(new):
        same = (n for n, before in enumerate(old) if before == after and n not in found.values())
        if (n := next(same, None)) is not None:
            found[m] = n
    rest = [n for n in range(len(old)) if n not in found.values()]
    scores = [
        (likeness(old[n], new[m]), -n, -m) for m in range(len(new)) if m not in found for n in rest
    ]
    # Of pairs that are equally alike the first one counts.
    for score, n, m in sorted(scores, reverse=True):
        if score >= least and -m not in found and -n not in found.values():
            found[-m] = -n
    return _merged([found.get(m) for m in range(len(new))], len(old))


def row_likeness(names: Sequence[str]) -> Callable[[dict, dict], float]:
    """Return how alike two rows are whose fields are `names`, the first of which names a row."""

    def likeness(before: dict, after: dict) -> float:
        found = whole = 0.0
        for n, name in enumerate(names):
            if name in before or name in after:
                weight = 1 if n else WEIGHT_OF_NAME
                whole += weight
                found += weight * _value_likeness(before.get(name), after.get(name))
        return found / whole if whole else 1.0

    return likeness


def _value_likeness(before, after) -> float:
    if isinstance(before, str) and isinstance(after, str):
        return words.likeness(before, after)
    return float(before == after)


def in_place(places: Iterable[int | None]) -> set[int]:
    """Return the most of the places that stand in rising order: what is not among them moved."""
    ends: list[int] = []
    heads: list[tuple[int, tuple | None]] = []
    for place in places:
        if place is not None:
            n = bisect_left(ends, place)
            chain = (place, heads[n - 1] if n else None)
            ends[n:] = [place, *ends[n + 1 :]]
            heads[n:] = [chain, *heads[n + 1 :]]
    found, chain = set(), heads[-1] if heads else None
    while chain:
        place, chain = chain
        found.add(place)
    return found


def _merged(places: list[int | None], old_size: int) -> Pairs:
    """Return the pairs in the order of the later list, what was removed behind what it followed.

    `places` has for each part of the later list its place in the earlier one.
    """
    known, staying = set(places), in_place(places)
    removed_after: dict[int, list[int]] = {}
    anchor = -1
    for n in range(old_size):
        if n in staying:
            anchor = n
        elif n not in known:
            removed_after.setdefault(anchor, []).append(n)
    pairs: Pairs = [(n, None) for n in removed_after.get(-1, [])]
    for m, place in enumerate(places):
        pairs.append((place, m))
        if place in staying:
            pairs += [(n, None) for n in removed_after.get(place, [])]
    return pairs

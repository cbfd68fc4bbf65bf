"""The numbers of references on a page: 1, 2, 3 in the order in which a reader meets them."""

from collections.abc import Container, Iterable

RANGE_FROM = 3


def number(keys: Iterable[str]) -> dict[str, int]:
    """Return the number of each key, by first appearance.

    >>> number(["petit2002", "duhrsen1988", "petit2002"])
    {'petit2002': 1, 'duhrsen1988': 2}
    """
    return {key: n for n, key in enumerate(dict.fromkeys(keys), start=1)}


def keys_in_order(parts: Iterable[dict]) -> list[str]:
    """Return the keys that parts of a Document cite, in their order, repetitions and all.

    A part is a section, the facts, or the row of a table.
    """
    keys = []
    for part in parts:
        for statement in part.get("statements", []):
            keys += [citation["key"] for citation in statement.get("citations", [])]
        keys += part.get("references", [])
    return keys


def ranges(numbers: Iterable[int], apart: Container[int] = ()) -> list[tuple[int, int]]:
    """Return numbers as runs of three or more, the others alone; those in `apart` always alone.

    >>> ranges([5, 1, 4, 3])
    [(1, 1), (3, 5)]
    >>> ranges([3, 4, 5], apart={4})
    [(3, 3), (4, 4), (5, 5)]
    """
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        follows = runs and runs[-1][-1] == n - 1 and n not in apart and n - 1 not in apart
        if follows:
            runs[-1].append(n)
        else:
            runs.append([n])
    found = []
    for run in runs:
        found += [(run[0], run[-1])] if len(run) >= RANGE_FROM else [(n, n) for n in run]
    return found

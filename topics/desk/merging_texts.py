"""Bringing together two texts of one section, statement by statement.

The parts of a text are its paragraphs, items of lists, headings and the like. A part that one side
alone changed, added or took away is taken as that side has it; only one that both changed is asked.
The name that a statement was published under is no part of its words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from topics import matching, statements, words

# Two parts that both sides added are one if they are at least so alike.
SAME_ADDED = 0.8

# Comparing takes time in proportion to the square of it.
MOST_PARTS = 500

_NAME = re.compile(rf"(?<=[{{\s])#({statements.ANCHOR_PATTERN})(?=[}}\s])[ \t]*(?=[^{{}}]*\}})")
_ATTRIBUTES = re.compile(r"[ \t]*\{\s*\}")
_ITEM = re.compile(r"[ \t]*([-*+]|\d{1,9}[.)])[ \t]")

Choose = Callable[[str, str | None, str | None], list[str]]


@dataclass(frozen=True)
class Text:
    """What became of a text, and whether any of it comes from theirs alone."""

    text: str
    is_taken: bool


def without_names(text: str) -> str:
    """Return a text without the names of its statements, as `{#s-8e0772bf}`."""
    if "#" not in text:
        return text
    return _ATTRIBUTES.sub("", re.sub(r"[ \t]+\}", "}", _NAME.sub("", text)))


def merge(base: str, mine: str, theirs: str, choose: Choose) -> Text | None:
    """Return what two texts of one become, None if they can only be asked about as a whole.

    `choose` is told of each part that both changed: what it is called, and both sides of it, None
    for one that is gone; it returns the parts that stay.
    """
    texts = (base, mine, theirs)
    sides = [parts(text) for text in texts]
    if max(map(len, sides)) > MOST_PARTS:
        return None
    tokens = _tokens(*sides)
    order = _order(*tokens)
    if order is None:
        return None
    of_base, of_mine, of_theirs = (
        dict(zip(names, side, strict=True)) for names, side in zip(tokens, sides, strict=True)
    )
    made, is_taken = [], False
    for token in order:
        was, own, other = (side.get(token) for side in (of_base, of_mine, of_theirs))
        if _is_same(own, other):
            made += [max(own, other, key=len)] if own and other else []
        elif _is_same(other, was):
            made += [own] if own else []
        elif _is_same(own, was):
            made += [other] if other else []
            is_taken = True
        else:
            made += choose(token, own, other)
    text = _joined(made, texts)
    return Text(text, is_taken) if parts(text) == made else None


def both(mine: str, theirs: str) -> list[str]:
    """Return two forms of a part, one behind the other: only the first one keeps a common name."""
    is_named_twice = set(_NAME.findall(mine)) & set(_NAME.findall(theirs))
    return [theirs, without_names(mine) if is_named_twice else mine]


def parts(text: str) -> list[str]:
    """Return the parts of a text: paragraphs, items, headings, blocks, without lines between."""
    return [part for part, _ in _parted(text)]


def _parted(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text, each with the line ends behind it."""
    lines = text.split("\n")
    starts = {
        token.map[0]
        for token in statements.markdown().parse(text)
        if token.map and token.nesting >= 0 and (token.type == "list_item_open" or not token.level)
    }
    places = [*sorted({0, *starts}), len(lines)]
    found = []
    for start, end in pairwise(places):
        part = "\n".join(lines[start:end]).strip("\n")
        empty = sum(not line.strip() for line in lines[start:end])
        if part.strip():
            found.append((part.rstrip(), "\n\n" if empty else "\n"))
    return found


def _tokens(base: list[str], mine: list[str], theirs: list[str]) -> tuple[list, list, list]:
    """Return what each part of each side is called: the same for what is the same part."""
    of_theirs = {m: f"b{n}" for m, n in _paired(base, theirs).items()}
    of_mine = {m: f"b{n}" for m, n in _paired(base, mine).items()}
    added = {m: part for m, part in enumerate(theirs) if m not in of_theirs}
    new = {m: part for m, part in enumerate(mine) if m not in of_mine}
    alike = matching.by_likeness([*added.values()], [*new.values()], likeness, SAME_ADDED)
    for n, m in alike:
        if n is not None and m is not None:
            of_mine[[*new][m]] = f"t{[*added][n]}"
    return (
        [f"b{n}" for n in range(len(base))],
        [of_mine.get(m, f"m{m}") for m in range(len(mine))],
        [of_theirs.get(m, f"t{m}") for m in range(len(theirs))],
    )


def _paired(base: list[str], side: list[str]) -> dict[int, int]:
    """Return the place in the base of each part of a side that was there already.

    As many parts as were taken away at a place, and came there, are these in other words.
    """
    pairs = matching.by_likeness(base, side, likeness)
    found = {m: n for n, m in pairs if None not in (n, m)}
    gone, come = [], []
    for n, m in [*pairs, (-1, -1)]:
        if None not in (n, m):
            found |= dict(zip(come, gone, strict=True)) if len(gone) == len(come) else {}
            gone, come = [], []
        gone += [n] if m is None else []
        come += [m] if n is None else []
    return found


def _order(base: list[str], mine: list[str], theirs: list[str]) -> list[str] | None:
    """Return all parts in order: that of the side which moved some; None if both did."""
    in_all = set(base) & set(mine) & set(theirs)
    was, own, other = ([t for t in side if t in in_all] for side in (base, mine, theirs))
    if own in (was, other):
        return with_added(theirs, mine)
    return with_added(mine, theirs) if other == was else None


def with_added(order: list[str], other: list[str]) -> list[str]:
    """Return an order with what only the other one has, each behind what it followed there."""
    made = list(order)
    for n, token in enumerate(other):
        if token not in made:
            before = [t for t in other[:n] if t in made]
            made.insert(made.index(before[-1]) + 1 if before else 0, token)
    return made


def _joined(made: list[str], texts: tuple[str, ...]) -> str:
    """Return parts as one text; those that stood beside each other are as far apart as there."""
    gaps = {}
    for text in texts:
        for (part, gap), (after, _) in pairwise(_parted(text)):
            gaps[part, after] = gap
    made_up = [*made[:1]]
    for part, after in pairwise(made):
        are_items = _ITEM.match(part) and _ITEM.match(after)
        made_up += [gaps.get((part, after), "\n" if are_items else "\n\n"), after]
    return "".join(made_up)


def _is_same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return without_names(one) == without_names(other)


def likeness(one: str, other: str) -> float:
    """Return how much two texts have in common, from 0 to 1, but for names and signs."""
    return words.likeness(*(_words_alone(without_names(side)) for side in (one, other)))


def _words_alone(text: str) -> str:
    """Return the words of a text: stops and brackets are alike in all of them."""
    return " ".join(re.findall(r"\w+", text))

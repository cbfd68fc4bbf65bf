"""What differs between two texts, word by word, so that it reads like tracked changes."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, ADDED, REMOVED = "same", "added", "removed"

# Comparing takes time in proportion to the product of the numbers of words; beyond this product
# (a thousand words against a thousand) sentences are compared before words.
MOST_PAIRS = 1_000_000

_OPENING = '([{“‘"«'
_CLOSING = ')]}.,;:!?”’"»'
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True)
class Piece:
    """A run of words that is `same`, `added` or `removed`. `spaced`: a space stands before it."""

    kind: str
    text: str
    spaced: bool = False


@dataclass(frozen=True)
class _Word:
    """A word, or the punctuation beside it. Two are alike whether a space stands before or not."""

    text: str
    spaced: bool

    def __eq__(self, other):
        return self.text == other.text

    def __hash__(self):
        return hash(self.text)


def differences(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in reading order; what was removed stands before what came.

    A figure is one word: 0.5 that became 0.05 is shown whole. Stray words that two changes have
    between them count as changed too, since a patchwork is harder to read than two phrases.

        >>> [(piece.kind, piece.text) for piece in differences("5 mg daily", "10 mg daily")]
        [('removed', '5'), ('added', '10'), ('same', 'mg daily')]
    """
    old, new = list(_words(before)), list(_words(after))
    is_long = len(old) * len(new) > MOST_PAIRS
    blocks = _by_sentences(before, after) if is_long else _blocks(old, new)
    return list(_pieces(_without_strays(blocks)))


def likeness(before: str, after: str) -> float:
    """Return how much two texts have in common, from 0 to 1, whatever the order of the words."""
    old, new = (Counter(word.text for word in _words(text)) for text in (before, after))
    if not old and not new:
        return 1.0
    return 2 * (old & new).total() / (old.total() + new.total())


# The words of one block in the old text and in the new one; alike if the block did not change.
_Block = tuple[list[_Word], list[_Word], bool]


def _words(text: str) -> Iterator[_Word]:
    for chunk in text.split():
        rest = chunk.lstrip(_OPENING)
        core = rest.rstrip(_CLOSING)
        parts = (*chunk[: len(chunk) - len(rest)], core, *rest[len(core) :])
        spaced = True
        for part in filter(None, parts):
            yield _Word(part, spaced)
            spaced = False


def _blocks(old: list[_Word], new: list[_Word]) -> list[_Block]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        (old[from_old:to_old], new[from_new:to_new], tag == "equal")
        for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes()
    ]


def _by_sentences(before: str, after: str) -> list[_Block]:
    """Return the blocks of two long texts, words compared only within the sentences that differ."""
    old, new = _SENTENCE_END.split(before), _SENTENCE_END.split(after)
    # A text without any sentence ends would be as long as before.
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > MOST_PAIRS)
    found: list[_Block] = []
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        gone = list(_words(" ".join(old[from_old:to_old])))
        come = list(_words(" ".join(new[from_new:to_new])))
        if tag == "equal" or len(gone) * len(come) > MOST_PAIRS:
            found.append((gone, come, tag == "equal"))
        else:
            found += _blocks(gone, come)
    return found


def _without_strays(blocks: list[_Block]) -> list[_Block]:
    """Join two changes with the words between them if these are fewer than either change has."""
    kept: list[_Block] = []
    for block in blocks:
        kept.append(block)
        while len(kept) >= 3 and _is_stray(*kept[-3:]):
            first, between, last = kept[-3:]
            old = first[0] + between[0] + last[0]
            kept[-3:] = [(old, first[1] + between[1] + last[1], False)]
    return kept


def _is_stray(first: _Block, between: _Block, last: _Block) -> bool:
    if first[2] or last[2] or not between[2]:
        return False
    return _length(between[0]) < min(
        max(_length(first[0]), _length(first[1])), max(_length(last[0]), _length(last[1]))
    )


def _length(words: list[_Word]) -> int:
    return sum(len(word.text) for word in words)


def _pieces(blocks: list[_Block]) -> Iterator[Piece]:
    is_first = True
    for old, new, is_same in blocks:
        runs = [(SAME, new)] if is_same else [(REMOVED, old), (ADDED, new)]
        for kind, words in runs:
            if words:
                text = "".join(f"{' ' * word.spaced}{word.text}" for word in words).strip()
                yield Piece(kind, text, words[0].spaced and not is_first)
                is_first = False

"""Where in a text the words stand that were searched for."""

from collections.abc import Iterable
from html import escape

from topics.search.text import Token


def places(tokens: Iterable[Token], lexemes: set[str]) -> list[tuple[int, int]]:
    """Return where the searched words start and end, as offsets in characters, without overlaps."""
    hits = sorted((token.start, -token.end) for token in tokens if token.lexeme in lexemes)
    found: list[tuple[int, int]] = []
    for start, end in hits:
        if not found or start >= found[-1][1]:
            found.append((start, -end))
    return found


def pieces(words: str, marks: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Return a text in parts, each with whether it is marked."""
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in marks:
        if start > at:
            found.append((words[at:start], False))
        found.append((words[start:end], True))
        at = end
    return [*found, (words[at:], False)] if at < len(words) else found


def as_html(words: str, marks: list[tuple[int, int]]) -> str:
    """Return a text as HTML that is safe to show, marks as `<mark>`."""
    return "".join(
        f"<mark>{escape(piece)}</mark>" if is_marked else escape(piece)
        for piece, is_marked in pieces(words, marks)
    )

"""What an article is made of, before anybody knows what it means."""

import re
from collections import Counter
from dataclasses import dataclass, field

from topics import statements

HEADING, PARAGRAPH, ITEM = "heading", "paragraph", "item"

# What Markdown would take for more than it is, wherever it stands.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&])")
# What begins a list, heading or quotation at the begin of a paragraph.
_BEGIN = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([#+=~-])")
# What a statement cannot hold even so: braces and brackets mark attributes and citations.
_UNFIT = str.maketrans({"{": "(", "}": ")", "[": "(", "]": ")", "<": "‹", ">": "›", "`": "'"})


@dataclass(frozen=True)
class Block:
    """A heading with its level, a paragraph or a list item; `words` as Markdown and `plain`."""

    kind: str
    plain: str
    words: str
    level: int = 0


@dataclass
class Source:
    """A file as it was read: its title if it says one, what it has, and what was left out."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    addresses: list[str] = field(default_factory=list)

    def add(self, kind: str, plain: str, marked: str = "", level: int = 0) -> None:
        """Add a block of plain words, or with emphasis in Markdown where that is read as such."""
        plain = " ".join(plain.split())
        if plain:
            self.blocks.append(Block(kind, plain, _markdown(plain, marked), level))


def escaped(text: str) -> str:
    """Return plain words so that Markdown reads them as such."""
    return _SPECIAL.sub(r"\\\1", text)


def _markdown(plain: str, marked: str) -> str:
    """Return the Markdown that is read as one statement of just these words, as near as can be."""
    for candidate in (" ".join(marked.split()), escaped(plain), escaped(plain.translate(_UNFIT))):
        begin = _BEGIN.sub(_held, candidate)
        if candidate and _is_one_statement(begin, plain):
            return begin
    return escaped(plain.translate(_UNFIT))


def _held(found: re.Match) -> str:
    number, mark, other = found.groups()
    return f"{number}\\{mark}" if number else f"\\{other}"


def _is_one_statement(markdown: str, plain: str) -> bool:
    try:
        read = statements.parse(markdown)
    except statements.ValidationError:
        return False
    fit = plain.translate(_UNFIT)
    return len(read) == 1 and read[0].text in {plain, fit} and not read[0].citations

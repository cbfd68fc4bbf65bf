"""What a picture of topics is made of. `ring` and `fan` lay it out, a template writes it down.

Numbers are whole, so that no locale changes how they are written. The same graph always gives the
same picture.
"""

import re
import textwrap
from dataclasses import dataclass, field

from topics.choices import Kind
from topics.knowledge_map.graph import Node

# The mark of each kind, around 0, 0: a shape, since a colour alone would not do.
MARKS = {
    Kind.OVERVIEW: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    Kind.THERAPY: "M-5 -5h10v10h-10z",
    Kind.CONDITION: "M0 -6.5L6.5 0L0 6.5L-6.5 0z",
    Kind.COMPLICATION: "M0 -6L6 5H-6z",
    Kind.AGENT: "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
}


@dataclass
class Label:
    """Words at a place, each line with its own height. `turn` is in degrees about that place.

    `kind` is that of the topics below a heading, if they are all of one.
    """

    x: int
    y: int
    lines: list[tuple[int, str]]
    anchor: str = "start"
    turn: int = 0
    kind: str = ""


@dataclass
class Spot:
    """A topic in the picture. `number` is what curves name it by."""

    number: int
    node: Node
    x: int
    y: int
    label: Label

    @property
    def mark(self) -> str:
        return MARKS[self.node.kind]


@dataclass
class Curve:
    """A relation in the picture: of which kind, between which spots, along which path.

    `kinds` are those of the topics at its ends.
    """

    kind: str
    ends: tuple[int, int]
    kinds: tuple[str, ...]
    path: str


@dataclass
class Box:
    """What is drawn around the words in the middle."""

    x: int
    y: int
    width: int
    height: int


@dataclass
class Drawing:
    """A picture: its size, the headings of its parts, and what stands in them."""

    width: int
    height: int
    headings: list[Label] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    centre: Box | None = None


def shortened(title: str, letters: int) -> str:
    """Return a title in one line; what stands in brackets is the first to go.

    >>> shortened("Acute myeloid leukemia (AML)", 24)
    'Acute myeloid leukemia'
    """
    if len(title) > letters:
        title = re.sub(r" \([^)]*\)", "", title)
    return title if len(title) <= letters else textwrap.shorten(title, letters, placeholder=" …")


def wrapped(title: str, letters: int, height: int) -> list[tuple[int, str]]:
    """Return a title in lines, with their heights around 0."""
    lines = textwrap.wrap(title, letters)
    top = -(len(lines) - 1) * height // 2
    return [(top + n * height, line) for n, line in enumerate(lines)]

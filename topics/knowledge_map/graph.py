"""Which topics there are now, and how they are related.

All of it is read from the listings with one query.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from topics.choices import INVERSE_LABELS, Kind, RelationKind
from topics.models import Listing

# In this order, kinds that have much to do with each other stand side by side.
KINDS = (Kind.OVERVIEW, Kind.THERAPY, Kind.CONDITION, Kind.COMPLICATION, Kind.AGENT)

# The relation that each label says, from whichever end it is read.
RELATIONS = {words: kind for kind, words in INVERSE_LABELS.items()} | {
    kind.label: kind for kind in RelationKind
}


@dataclass(frozen=True)
class Node:
    """A topic. `related` are its relations as a listing has them: label and topics."""

    slug: str
    title: str
    kind: str
    category: str
    related: list[dict]


@dataclass(frozen=True)
class Edge:
    """A relation: from which topic to which, by their addresses, and of which kind."""

    source: str
    target: str
    kind: str


class Graph:
    """All published topics in the order in which they are shown: by kind, category and title."""

    def __init__(self, rows: list[tuple]):
        nodes = [
            Node(slug, title, kind, (category or areas or [""])[0], _telling(related))
            for slug, title, kind, areas, category, related in rows
        ]
        nodes.sort(key=lambda node: (KINDS.index(node.kind), node.category, node.title.casefold()))
        self.nodes = {node.slug: node for node in nodes}
        self._rows = rows

    @cached_property
    def digest(self) -> str:
        """A short text that differs whenever anything in the graph does."""
        return hashlib.sha256(repr(self._rows).encode()).hexdigest()[:16]

    @cached_property
    def edges(self) -> list[Edge]:
        """Each relation once, those that say least first."""
        related, typed = {}, []
        for edge in self._forward():
            if edge.kind == RelationKind.RELATED:
                related.setdefault(frozenset((edge.source, edge.target)), edge)
            else:
                typed.append(edge)
        return [*related.values(), *typed]

    def _forward(self) -> Iterator[Edge]:
        """Yield relations as they read from their own end. That of being related has two."""
        forward = {kind.label: kind for kind in RelationKind}
        for node in self.nodes.values():
            for group in node.related:
                for topic in group["topics"] if group["label"] in forward else []:
                    # A listing may be of a moment ago, when there still was another one.
                    if topic["slug"] in self.nodes:
                        yield Edge(node.slug, topic["slug"], forward[group["label"]])


def _telling(related: list[dict]) -> list[dict]:
    """Return relations, and last who is related in some way, if nothing else is said of them."""
    groups, said = [], set()
    for group in sorted(related, key=_says_little):
        topics = [topic for topic in group["topics"]
                  if not (_says_little(group) and topic["slug"] in said)]  # fmt: skip
        said |= {topic["slug"] for topic in topics}
        groups += [group | {"topics": topics}] if topics else []
    return groups


def _says_little(group: dict) -> bool:
    """Return whether topics are said to be related in some way only."""
    return RELATIONS[group["label"]] == RelationKind.RELATED


def read() -> Graph:
    """Return the graph of what is published now."""
    rows = Listing.objects.values_list(
        "slug", "title", "kind", "areas", "facets__category", "related"
    )
    return Graph(list(rows))

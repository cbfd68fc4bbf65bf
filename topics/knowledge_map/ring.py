"""The picture of all topics: around a ring, by kind, with their relations inside it."""

import math

from topics.choices import PLURALS
from topics.knowledge_map.drawing import Curve, Drawing, Label, Spot, shortened
from topics.knowledge_map.graph import KINDS, Graph

SLOT = 17  # along the ring, for each topic
LETTER = 6.7  # the width of a letter, on average
LONGEST = 36  # letters of a label
GAP = 12  # from a topic's mark to its label
MARGIN = 6
LEAST_RADIUS = 60


def draw(graph: Graph) -> Drawing:
    """Return all topics and their relations."""
    parts = {kind: [node for node in graph.nodes.values() if node.kind == kind] for kind in KINDS}
    parts = {kind: nodes for kind, nodes in parts.items() if nodes}
    # Each part has a slot for its heading, and one that keeps it from the next.
    slots = sum(len(nodes) + 2 for nodes in parts.values())
    radius = max(LEAST_RADIUS, round(slots * SLOT / math.tau))
    half = radius + GAP + round(LONGEST * LETTER) + MARGIN
    made = Drawing(width=2 * half, height=2 * half)
    angles = {}
    slot = 0
    for kind, nodes in parts.items():
        heading = _label(str(PLURALS[kind]), half, radius, math.tau * slot / slots)
        heading.kind = kind
        made.headings.append(heading)
        for node in nodes:
            slot += 1
            angles[node.slug] = angle = math.tau * slot / slots
            x, y = _place(half, radius, angle)
            label = _label(shortened(node.title, LONGEST), half, radius, angle)
            made.spots.append(Spot(len(made.spots), node, x, y, label))
        slot += 2
    made.curves = _curves(graph, made.spots, angles, half, radius)
    return made


def _place(half: int, radius: float, angle: float) -> tuple[int, int]:
    """Return the point at an angle, which is counted clockwise from the top."""
    return round(half + radius * math.sin(angle)), round(half - radius * math.cos(angle))


def _label(words: str, half: int, radius: int, angle: float) -> Label:
    """Return words that lead outwards, on the left side turned round so that they can be read."""
    x, y = _place(half, radius + GAP, angle)
    turn = round(math.degrees(angle)) - 90
    if math.sin(angle) >= 0:
        return Label(x, y, [(0, words)], turn=turn)
    return Label(x, y, [(0, words)], anchor="end", turn=turn - 180)


def _curves(graph: Graph, spots: list[Spot], angles: dict, half: int, radius: int) -> list[Curve]:
    found = {spot.node.slug: spot for spot in spots}
    curves = []
    for edge in graph.edges:
        one, other = found[edge.source], found[edge.target]
        apart = abs(angles[edge.source] - angles[edge.target])
        apart = min(apart, math.tau - apart) / math.pi
        # Neighbours are joined near the ring, so that the middle stays for what lies far apart.
        depth = radius * (0.88 - 0.78 * math.sqrt(apart))
        bends = [_place(half, depth, angles[slug]) for slug in (edge.source, edge.target)]
        path = f"M{one.x} {one.y}C{bends[0][0]} {bends[0][1]} {bends[1][0]} {bends[1][1]} " \
               f"{other.x} {other.y}"  # fmt: skip
        kinds = tuple(dict.fromkeys((one.node.kind, other.node.kind)))
        curves.append(Curve(edge.kind, (one.number, other.number), kinds, path))
    return curves

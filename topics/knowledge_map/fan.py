"""The picture of one topic: itself in the middle, its relations to both sides, by what they are."""

from topics.choices import relation_words
from topics.knowledge_map.drawing import Box, Curve, Drawing, Label, Spot, wrapped
from topics.knowledge_map.graph import RELATIONS, Graph, Node

WIDTH = 600
LETTERS = 24  # in a line of a label
CENTRE_LETTERS = 15
CENTRE_HALF = 62  # from the middle to where the curves begin
REACH = 112  # from the middle to the topics of a side
BEND = 34  # how far a curve leaves and arrives level
GAP = 12  # from a topic's mark to its label
LINE = 16
BETWEEN = 11  # from one topic to the next
HEADING = 30
MARGIN = 16

# What stands below another on a side: a heading, or a topic with the label of its relation.
Block = tuple[str, Node | None]


def draw(graph: Graph, slug: str) -> Drawing:
    """Return a topic and all that are related to it."""
    focus = graph.nodes[slug]
    sides = _sides(_blocks(graph, focus))
    heights = [sum(map(_height, side)) for side in sides]
    centre = wrapped(focus.title, CENTRE_LETTERS, LINE)
    height = max(*heights, len(centre) * LINE) + 2 * MARGIN
    made = Drawing(width=WIDTH, height=height)
    middle = Label(WIDTH // 2, height // 2, centre, anchor="middle")
    made.spots.append(Spot(0, focus, middle.x, middle.y, middle))
    tall = len(centre) * LINE + MARGIN
    made.centre = Box(middle.x - CENTRE_HALF, middle.y - tall // 2, 2 * CENTRE_HALF, tall)
    for direction, side, own in zip((-1, 1), sides, heights, strict=True):
        _place(made, side, direction, (height - own) // 2)
    return made


def _blocks(graph: Graph, focus: Node) -> list[Block]:
    blocks: list[Block] = []
    for group in focus.related:
        topics = [graph.nodes[t["slug"]] for t in group["topics"] if t["slug"] in graph.nodes]
        blocks += [(group["label"], None)] if topics else []
        blocks += [(group["label"], node) for node in topics]
    return blocks


def _height(block: Block) -> int:
    node = block[1]
    return len(wrapped(node.title, LETTERS, LINE)) * LINE + BETWEEN if node else HEADING


def _sides(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """Return the blocks of the left and the right side, about as high as each other.

    A group that goes on at the right has its heading there again.
    """
    total, used = sum(map(_height, blocks)), 0
    for n, block in enumerate(blocks):
        # No heading stands alone below.
        if n and used + _height(block) > total / 2 + LINE and blocks[n - 1][1] is not None:
            rest = blocks[n:]
            return blocks[:n], rest if rest[0][1] is None else [(rest[0][0], None), *rest]
        used += _height(block)
    return blocks, []


def _place(made: Drawing, side: list[Block], direction: int, top: int) -> None:
    """Put the blocks of a side below each other; `direction` is 1 to the right, -1 to the left."""
    anchor = "start" if direction == 1 else "end"
    x = WIDTH // 2 + direction * REACH
    y = top
    for relation, node in side:
        height = _height((relation, node))
        if node is None:
            words = [(0, relation_words(relation))]
            made.headings.append(Label(x + direction * GAP, y + HEADING - LINE // 2, words, anchor))
        else:
            level = y + height // 2
            lines = wrapped(node.title, LETTERS, LINE)
            label = Label(x + direction * GAP, level, lines, anchor)
            spot = Spot(len(made.spots), node, x, level, label)
            made.spots.append(spot)
            made.curves.append(_curve(made, spot, direction, RELATIONS[relation]))
        y += height


def _curve(made: Drawing, spot: Spot, direction: int, kind: str) -> Curve:
    start, level = WIDTH // 2 + direction * CENTRE_HALF, made.height // 2
    bend = direction * BEND
    path = f"M{start} {level}C{start + bend} {level} {spot.x - bend} {spot.y} {spot.x} {spot.y}"
    return Curve(kind, (0, spot.number), (spot.node.kind,), path)

"""Pictures of the index as boxes, arrows and bars; columns and positions are steps and moments in time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rag.selectors import Breadcrumbs, Node

BOX_WIDTH, BOX_HEIGHT, COMPACT_HEIGHT = 184, 58, 26
COLUMN_GAP, SUB_GAP, ROW_GAP, MARGIN = 48, 12, 10, 6
# A column of more nodes than this shows them as single lines, in up to three columns side by side.
FULL_ROWS, COMPACT_ROWS, SUB_COLUMNS = 6, 16, 3


@dataclass(frozen=True, slots=True)
class Box:
    """One document; a compact one has a single line."""

    node: Node
    x: int
    y: int
    compact: bool

    @property
    def height(self) -> int:
        return COMPACT_HEIGHT if self.compact else BOX_HEIGHT

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A breadcrumb, as an SVG path."""

    path: str
    how: str
    backwards: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Sizes in pixels. `hidden` documents did not fit."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]
    hidden: int


def draw(found: Breadcrumbs) -> Drawing:
    """Lay out earlier documents left of later ones; of a crowded column, the first 48."""
    columns = {depth: _blocks(nodes) for depth, nodes in sorted(_ordered(found).items())}
    height = max((_block_height(block) for blocks in columns.values() for block in blocks), default=0) + 2 * MARGIN
    boxes: dict[str, Box] = {}
    x = MARGIN
    for blocks in columns.values():
        compact = len(blocks) > 1 or len(blocks[0]) > FULL_ROWS
        for number, block in enumerate(blocks):
            boxes |= _stack(block, x + number * (BOX_WIDTH + SUB_GAP), height, compact)
        x += len(blocks) * (BOX_WIDTH + SUB_GAP) - SUB_GAP + COLUMN_GAP
    arrows = [
        Arrow(_curve(boxes[edge.source], boxes[edge.target]), edge.how, edge.backwards)
        for edge in found.edges
        if edge.source in boxes and edge.target in boxes and edge.source != edge.target
    ]
    return Drawing(x - COLUMN_GAP + MARGIN, height, list(boxes.values()), arrows, len(found.nodes) - len(boxes))


def _ordered(found: Breadcrumbs) -> dict[int, list[Node]]:
    """Nodes by depth; each beside the one through which it was reached, so that few arrows cross."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in found.nodes:
        columns[node.depth].append(node)
    linked: dict[str, set[str]] = defaultdict(set)
    for edge in found.edges:
        linked[edge.source].add(edge.target)
        linked[edge.target].add(edge.source)
    for depth in sorted(columns, key=abs):
        inner = columns.get(depth - 1 if depth > 0 else depth + 1, []) if depth else []
        row = {node.path: number for number, node in enumerate(inner)}
        columns[depth].sort(
            key=lambda node: (min((row[path] for path in linked[node.path] if path in row), default=0), node.date)
        )
    return columns


def _blocks(nodes: Sequence[Node]) -> list[Sequence[Node]]:
    if len(nodes) <= FULL_ROWS:
        return [nodes]
    starts = range(0, min(len(nodes), COMPACT_ROWS * SUB_COLUMNS), COMPACT_ROWS)
    return [nodes[start : start + COMPACT_ROWS] for start in starts]


def _block_height(block: Sequence[Node]) -> int:
    each = BOX_HEIGHT if len(block) <= FULL_ROWS else COMPACT_HEIGHT
    return len(block) * (each + ROW_GAP) - ROW_GAP


def _stack(block: Sequence[Node], x: int, height: int, compact: bool) -> dict[str, Box]:
    each = COMPACT_HEIGHT if compact else BOX_HEIGHT
    top = (height - len(block) * (each + ROW_GAP) + ROW_GAP) // 2
    return {node.path: Box(node, x, top + row * (each + ROW_GAP), compact) for row, node in enumerate(block)}


def _curve(source: Box, target: Box) -> str:
    """From the right side of the earlier box to the left side of the later one; around the right where both align."""
    x1, x2 = source.x + BOX_WIDTH, target.x - 3
    if source.x == target.x:
        x2 = target.x + BOX_WIDTH + 3
        bend = x1 + COLUMN_GAP
        return f"M{x1} {source.middle} C{bend} {source.middle} {bend} {target.middle} {x2} {target.middle}"
    bend = max(COLUMN_GAP // 2, abs(x2 - x1) // 2)
    return f"M{x1} {source.middle} C{x1 + bend} {source.middle} {x2 - bend} {target.middle} {x2} {target.middle}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on a timeline: `x` in percent of its width, and how many documents it has."""

    day: date
    x: float
    count: int


def timeline(days: Iterable[date]) -> list[Moment]:
    """Days along a line, in proportion to time; fewer than two different days make none."""
    counts = Counter(days)
    if len(counts) < 2:
        return []
    first, last = min(counts), max(counts)
    whole = (last - first).days
    return [Moment(day, round(4 + 92 * (day - first).days / whole, 2), count) for day, count in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a whole: where it begins and how wide it is, in percent, and its value."""

    name: str
    x: float
    width: float
    value: float


def stacked(values: Iterable[tuple[str, float]]) -> list[Segment]:
    """Parts side by side in one bar, in the order given."""
    known = [(name, value) for name, value in values if value > 0]
    whole = sum(value for _, value in known)
    segments: list[Segment] = []
    at = 0.0
    for name, value in known:
        width = 100 * value / whole
        segments.append(Segment(name, round(at, 2), round(width, 2), value))
        at += width
    return segments

"""Pictures of the index as boxes, arrows and bars; columns and positions are steps and moments in time."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from rag.selectors import Breadcrumbs, Node

BOX_WIDTH, BOX_HEIGHT, COMPACT_HEIGHT = 184, 58, 26
COLUMN_GAP, SUB_GAP, ROW_GAP, MARGIN = 48, 12, 10, 6
# A column of more nodes than this shows them as single lines, in up to three columns side by side.
FULL_ROWS, COMPACT_ROWS, SUB_COLUMNS = 6, 16, 3
RETURN_ROOM = 36
_PREFIX = re.compile(r"^\W*PDCA(?: cycle| entry)?\s*[:—–-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Frame:
    """Holds the boxes of a crowded column; arrows from the inner side reach the frame, not each box."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """One document; one of a crowd has a single line and stands in a frame."""

    node: Node
    x: int
    y: int
    frame: Frame | None = None

    @property
    def label(self) -> str:
        """The title without the word that stands before all of them; the path where there is no title."""
        return _PREFIX.sub("", " ".join(self.node.title.replace("*", "").split())) or self.node.path

    @property
    def height(self) -> int:
        return COMPACT_HEIGHT if self.frame else BOX_HEIGHT

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A breadcrumb, as an SVG path."""

    path: str
    backwards: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Sizes in pixels. `hidden` documents did not fit."""

    width: int
    height: int
    boxes: list[Box]
    frames: list[Frame]
    arrows: list[Arrow]
    hidden: int


def draw(found: Breadcrumbs) -> Drawing:
    """Lay out earlier documents left of later ones; of a crowded column, the first 48."""
    columns = {depth: _blocks(nodes) for depth, nodes in sorted(_ordered(found).items())}
    height = max((_block_height(block) for blocks in columns.values() for block in blocks), default=0) + 2 * MARGIN
    # What leads back to the left goes round below the boxes.
    room = RETURN_ROOM if _leads_back(found) else 0
    boxes: dict[str, Box] = {}
    x = MARGIN + room
    for blocks in columns.values():
        placed, width = _column(blocks, x, height)
        boxes |= placed
        x += width + COLUMN_GAP
    arrows = dict.fromkeys(
        Arrow(_curve(boxes[edge.source], boxes[edge.target], height + room // 2), edge.backwards)
        for edge in found.edges
        if edge.source in boxes and edge.target in boxes and edge.source != edge.target
    )
    frames = dict.fromkeys(box.frame for box in boxes.values() if box.frame)
    hidden = len(found.nodes) - len(boxes)
    width = x - COLUMN_GAP + MARGIN + room
    return Drawing(width, height + room, list(boxes.values()), list(frames), list(arrows), hidden)


def _leads_back(found: Breadcrumbs) -> bool:
    depths = {node.path: node.depth for node in found.nodes}
    return any(depths.get(edge.source, 0) > depths.get(edge.target, 0) for edge in found.edges)


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
        outer = {node.path for node in columns.get(depth + 1 if depth > 0 else depth - 1, []) if depth}
        columns[depth].sort(key=partial(_place, row=row, outer=outer, linked=linked))
    return columns


def _place(node: Node, row: dict[str, int], outer: set[str], linked: dict[str, set[str]]) -> tuple[bool, int, str]:
    """Sorts a column: in a crowd, what leads further stands on the outer side; then by the inner neighbour, by date."""
    leads_on = not linked[node.path].isdisjoint(outer)
    beside = min((row[path] for path in linked[node.path] if path in row), default=0)
    return leads_on if node.depth > 0 else not leads_on, beside, node.date


def _blocks(nodes: Sequence[Node]) -> list[Sequence[Node]]:
    if len(nodes) <= FULL_ROWS:
        return [nodes]
    starts = range(0, min(len(nodes), COMPACT_ROWS * SUB_COLUMNS), COMPACT_ROWS)
    return [nodes[start : start + COMPACT_ROWS] for start in starts]


def _block_height(block: Sequence[Node]) -> int:
    each = BOX_HEIGHT if len(block) <= FULL_ROWS else COMPACT_HEIGHT
    return len(block) * (each + ROW_GAP) - ROW_GAP


def _column(blocks: Sequence[Sequence[Node]], x: int, height: int) -> tuple[dict[str, Box], int]:
    """The boxes of a column and its width; blocks stand side by side in one frame."""
    if len(blocks[0]) <= FULL_ROWS:
        return _stack(blocks[0], x, height, None), BOX_WIDTH
    width = len(blocks) * (BOX_WIDTH + SUB_GAP) + SUB_GAP
    inner = _block_height(blocks[0])
    frame = Frame(x, (height - inner) // 2 - MARGIN, width, inner + 2 * MARGIN)
    boxes: dict[str, Box] = {}
    for number, block in enumerate(blocks):
        boxes |= _stack(block, x + SUB_GAP + number * (BOX_WIDTH + SUB_GAP), height, frame)
    return boxes, width


def _stack(block: Sequence[Node], x: int, height: int, frame: Frame | None) -> dict[str, Box]:
    """Boxes below each other, in the middle of the column; those of a frame begin at its top."""
    each = COMPACT_HEIGHT if frame else BOX_HEIGHT
    top = frame.y + MARGIN if frame else (height - len(block) * (each + ROW_GAP) + ROW_GAP) // 2
    return {node.path: Box(node, x, top + row * (each + ROW_GAP), frame) for row, node in enumerate(block)}


def _curve(source: Box, target: Box, below: int) -> str:
    """From the right side of the earlier box to the left side of the later one."""
    (start, x1, y1), (end, x2, y2) = _end(source, target, right=True), _end(target, source, right=False)
    if source.node.depth == target.node.depth:
        # Both in one column: out on the right and in again.
        x2, bend = target.x + BOX_WIDTH + 3, x1 + COLUMN_GAP
        return f"M{start} {y1} H{x1} C{bend} {y1} {bend} {target.middle} {x2} {target.middle}"
    if source.node.depth > target.node.depth:
        out, back = x1 + RETURN_ROOM, x2 - RETURN_ROOM
        way = f"C{out} {y1} {out} {below} {x1} {below} L{x2} {below} C{back} {below} {back} {y2} {x2} {y2}"
    else:
        bend = max(COLUMN_GAP // 2, abs(x2 - x1) // 2)
        way = f"C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f"M{start} {y1} H{x1} {way} H{end}"


def _end(box: Box, other: Box, *, right: bool) -> tuple[int, int, int]:
    """Where an arrow touches a box, and where it leaves the box's column, at which height.

    From the inner side all arrows of a crowd meet in the middle of its frame; on the outer side each has its own.
    """
    frame = box.frame
    edge = box.x + BOX_WIDTH if right else box.x - 3
    if frame is None:
        return edge, edge, box.middle
    gate = frame.x + frame.width if right else frame.x - 3
    inner = abs(other.node.depth) < abs(box.node.depth)
    return (gate, gate, frame.y + frame.height // 2) if inner else (edge, gate, box.middle)


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

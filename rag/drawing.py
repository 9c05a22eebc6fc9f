"""The neighbourhood of a document as boxes and arrows for an SVG; columns are steps in time."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rag.selectors import Breadcrumbs, Node

BOX_WIDTH, BOX_HEIGHT = 168, 44
COLUMN_GAP, ROW_GAP, MARGIN = 44, 12, 4
MAX_ROWS = 6
LABEL = 22
_PREFIX = re.compile(r"^\W*PDCA(?: cycle| entry)?\s*[:—–-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Box:
    """One document; `label` is cut to fit, `node` has the rest."""

    node: Node
    x: int
    y: int
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A breadcrumb, as an SVG path."""

    path: str
    how: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """`hidden` documents did not fit."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]
    hidden: int


def draw(found: Breadcrumbs) -> Drawing:
    """Lay out earlier documents left of later ones, at most six to a column."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in found.nodes:
        columns[node.depth].append(node)
    rows = min(MAX_ROWS, max((len(nodes) for nodes in columns.values()), default=0))
    height = rows * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
    boxes: dict[str, Box] = {}
    for number, depth in enumerate(sorted(columns)):
        shown = columns[depth][:MAX_ROWS]
        top = (height - len(shown) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP) // 2
        for row, node in enumerate(shown):
            x, y = MARGIN + number * (BOX_WIDTH + COLUMN_GAP), top + row * (BOX_HEIGHT + ROW_GAP)
            boxes[node.path] = Box(node, x, y, _cut(node.title), node.date or "no date")
    arrows = [
        Arrow(_curve(boxes[edge.source], boxes[edge.target]), edge.how)
        for edge in found.edges
        if edge.source in boxes and edge.target in boxes
    ]
    width = len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 2 * MARGIN
    return Drawing(width, height, list(boxes.values()), arrows, len(found.nodes) - len(boxes))


def _cut(title: str) -> str:
    plain = _PREFIX.sub("", " ".join(title.replace("*", "").split()))
    return plain if len(plain) <= LABEL else f"{plain[: LABEL - 1]}…"


def _curve(source: Box, target: Box) -> str:
    """From the right side of the earlier box to the left side of the later one."""
    x1, y1 = source.x + BOX_WIDTH, source.y + BOX_HEIGHT // 2
    x2, y2 = target.x - 2, target.y + BOX_HEIGHT // 2
    bend = max(20, abs(x2 - x1) // 2)
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"


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

"""Walks and shortest paths over edges that are fetched level by level: cycles, hubs and chains of thousands are safe.

Every node is expanded once, so the work grows with the edges met, never with the number of paths between them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Direction = Literal["before", "after", "both"]

MAX_NODES = 5000


@dataclass(frozen=True, slots=True)
class Step:
    """An edge met on the way: document ids as the edge was written, and how many steps from the start it is."""

    source: int
    target: int
    relation: str
    how: str
    depth: int

    def other(self, node: int) -> int:
        """The end that is not `node`."""
        return self.target if node == self.source else self.source


Fetch = Callable[[Sequence[int]], Iterable[Step]]
"""The edges at these nodes; their depth is not yet known."""


def walk(fetch: Fetch, start: int, depth: int) -> list[Step]:
    """Edges within `depth` steps of `start`, nearest first; at most about MAX_NODES nodes are visited."""
    steps: dict[tuple[int, int, str], Step] = {}
    seen, frontier = {start}, [start]
    for level in range(1, depth + 1):
        reached: dict[int, None] = {}
        for step in fetch(frontier):
            steps.setdefault((step.source, step.target, step.relation), replace(step, depth=level))
            reached |= dict.fromkeys(node for node in (step.source, step.target) if node not in seen)
        seen.update(reached)
        frontier = list(reached)
        if not frontier or len(seen) >= MAX_NODES:
            break
    return list(steps.values())


def shortest_path(fetch: Fetch, start: int, end: int) -> list[Step]:
    """One shortest path over edges in either direction, from `start` to `end`; empty when they are not connected.

    Searched from both ends, the smaller side first. Of several shortest paths it is always the same one.
    """
    if start == end:
        return []
    # The step by which each node was reached; the ends were not reached by any.
    sides: tuple[dict[int, Step | None], ...] = ({start: None}, {end: None})
    frontiers = [[start], [end]]
    while all(frontiers):
        near = 0 if len(frontiers[0]) <= len(frontiers[1]) else 1
        frontiers[near] = _grow(fetch, frontiers[near], sides[near])
        if met := [node for node in frontiers[near] if node in sides[1 - near]]:
            return _joined(sides, min(met))
    return []


def _grow(fetch: Fetch, frontier: Sequence[int], reached: dict[int, Step | None]) -> list[int]:
    """One level further: notes how each new node is reached, and returns the new nodes."""
    edge_of = set(frontier)
    new: list[int] = []
    for step in sorted(fetch(frontier), key=lambda step: (step.source, step.target)):
        for node in (step.source, step.target):
            if node not in reached and step.other(node) in edge_of:
                reached[node] = step
                new.append(node)
    return new


def _joined(sides: Sequence[dict[int, Step | None]], middle: int) -> list[Step]:
    """From the first end to the middle, then on to the second; depth counts from the first."""
    halves: list[list[Step]] = []
    for reached in sides:
        node, half = middle, []
        while step := reached[node]:
            half.append(step)
            node = step.other(node)
        halves.append(half)
    return [replace(step, depth=number) for number, step in enumerate([*halves[0][::-1], *halves[1]], start=1)]

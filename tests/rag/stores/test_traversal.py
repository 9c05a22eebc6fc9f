"""Walks and paths on any graph, against the plainest possible search."""

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from rag.stores.traversal import Step, shortest_path, walk

edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


def fetch_from(pairs: Iterable[tuple[int, int]]) -> tuple[list[Step], object]:
    steps = [Step(source, target, "PRECEDES", "", 0) for source, target in dict.fromkeys(pairs)]

    def fetch(nodes: Sequence[int]) -> list[Step]:
        return [step for step in steps if step.source in nodes or step.target in nodes]

    return steps, fetch


def distances(steps: Sequence[Step], start: int) -> dict[int, int]:
    """Relaxed until nothing changes."""
    found = {start: 0}
    for _ in range(len(steps) + 1):
        for step in steps:
            for near, far in ((step.source, step.target), (step.target, step.source)):
                if near in found and found[near] + 1 < found.get(far, 10**6):
                    found[far] = found[near] + 1
    return found


@given(edges, st.integers(0, 9), st.integers(0, 9))
def test_a_path_is_connected_and_no_longer_than_needed(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    steps, fetch = fetch_from(pairs)
    path = shortest_path(fetch, start, end)
    assert len(path) == distances(steps, start).get(end, 0)
    place = start
    for number, step in enumerate(path, start=1):
        assert step.depth == number and place in (step.source, step.target)
        place = step.other(place)
    assert place == (end if path else start)


@given(edges, st.integers(0, 9), st.integers(1, 12))
def test_a_walk_meets_every_edge_in_reach_once(pairs: list[tuple[int, int]], start: int, depth: int) -> None:
    steps, fetch = fetch_from(pairs)
    far = distances(steps, start)
    near = {(s.source, s.target): min(far.get(s.source, 99), far.get(s.target, 99)) + 1 for s in steps}
    found = {(step.source, step.target): step.depth for step in walk(fetch, start, depth)}
    assert found == {pair: level for pair, level in near.items() if level <= depth}

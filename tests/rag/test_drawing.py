"""Positions of boxes, arrows, days and segments."""

from datetime import date

import pytest

from rag.drawing import BOX_WIDTH, draw, stacked, timeline
from rag.selectors import Breadcrumbs, Edge, Node


def node(path: str, depth: int, day: str = "") -> Node:
    return Node(abs(hash(path)) % 1000, path, f"PDCA: {path}", day, depth)


def test_earlier_documents_stand_left_and_later_ones_right() -> None:
    nodes = [node("a", -1), node("b", 0), node("c", 1), node("d", 1)]
    edges = [Edge("a", "b", "PRECEDES", "relative"), Edge("b", "c", "PRECEDES", "renamed", backwards=True)]
    drawing = draw(Breadcrumbs(nodes, [*edges, Edge("b", "b", "PRECEDES", "relative")]))
    at = {box.node.path: box for box in drawing.boxes}
    assert at["a"].x + BOX_WIDTH < at["b"].x < at["c"].x == at["d"].x
    assert [arrow.backwards for arrow in drawing.arrows] == [False, True], "a self-link has no arrow"
    assert drawing.hidden == 0


@pytest.mark.parametrize(("count", "hidden"), [(40, 0), (48, 0), (60, 12)])
def test_a_crowd_becomes_single_lines_that_do_not_overlap(count: int, hidden: int) -> None:
    nodes = [node("here", 0), *(node(f"n{number:02}", 1, f"2026-03-{number % 28 + 1:02}") for number in range(count))]
    drawing = draw(Breadcrumbs(nodes, [Edge("here", n.path, "PRECEDES", "relative") for n in nodes[1:]]))
    assert (drawing.hidden, len(drawing.boxes)) == (hidden, count + 1 - hidden)
    assert (len(drawing.frames), len(drawing.arrows)) == (1, 1), "one arrow leads to all of them"
    assert all(bool(box.frame) == (box.node.depth != 0) for box in drawing.boxes)
    for box in drawing.boxes:
        assert box.y >= 0 and box.y + box.height <= drawing.height and box.x + BOX_WIDTH <= drawing.width
        for other in drawing.boxes:
            apart = abs(box.x - other.x) >= BOX_WIDTH or abs(box.y - other.y) >= box.height
            assert apart or box is other
    assert drawing.height < 700


def test_neighbours_of_neighbours_stand_beside_them() -> None:
    nodes = [node("here", 0), node("a", 1, "1"), node("b", 1, "2"), node("of b", 2, "1"), node("of a", 2, "2")]
    pairs = [("here", "a"), ("here", "b"), ("a", "of a"), ("b", "of b")]
    drawing = draw(Breadcrumbs(nodes, [Edge(*pair, "PRECEDES", "relative") for pair in pairs]))
    at = {box.node.path: box.y for box in drawing.boxes}
    assert at["a"] < at["b"] and at["of a"] < at["of b"]


def test_what_leads_on_stands_on_the_outer_side_of_a_crowd() -> None:
    crowd = [node(f"n{number:02}", side) for side in (-1, 1) for number in range(20)]
    nodes = [node("here", 0), *(Node(n.id, f"{n.depth}{n.path}", "", "", n.depth) for n in crowd)]
    nodes += [node("far", 2), node("long ago", -2)]
    pairs = [(n.path, "here") if n.depth < 0 else ("here", n.path) for n in nodes if abs(n.depth) == 1]
    pairs += [("1n03", "far"), ("long ago", "-1n11")]
    drawing = draw(Breadcrumbs(nodes, [Edge(*pair, "PRECEDES", "relative") for pair in pairs]))
    at = {box.node.path: box.x for box in drawing.boxes}
    assert at["1n03"] == max(x for path, x in at.items() if path.startswith("1n"))
    assert at["-1n11"] == min(x for path, x in at.items() if path.startswith("-1n"))


def test_arrows_of_cycles_are_drawn_too() -> None:
    nodes = [node("here", 0), node("a", 1), node("b", 1)]
    pairs = [("here", "a"), ("a", "b"), ("b", "here")]
    drawing = draw(Breadcrumbs(nodes, [Edge(*pair, "PRECEDES", "relative") for pair in pairs]))
    assert len(drawing.arrows) == 3
    assert max(box.y + box.height for box in drawing.boxes) + 20 < drawing.height, "room for the way back"


def test_a_timeline_is_in_proportion_to_time() -> None:
    days = [date(2026, 3, 1), date(2026, 3, 3), date(2026, 3, 3), date(2026, 3, 5)]
    assert [(moment.x, moment.count) for moment in timeline(days)] == [(4, 1), (50, 2), (96, 1)]
    assert timeline(days[:1]) == timeline([]) == []


def test_parts_fill_the_bar() -> None:
    parts = stacked([("embed", 6.0), ("facts", 0.0), ("vector", 2.0)])
    assert [(part.name, part.x, part.width) for part in parts] == [("embed", 0.0, 75.0), ("vector", 75.0, 25.0)]
    assert stacked([("none", 0.0)]) == []

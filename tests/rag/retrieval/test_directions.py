"""Which way a question asks to walk along the breadcrumbs."""

import pytest

from rag.retrieval.directions import find_way
from rag.retrieval.ways import ALL_DEPTH


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("What came right before the entry about glaze?", "before"),
        ("What led to the cracked lid?", "before"),
        ("Which PDCA precedes the slow cooling?", "before"),
        ("What was the slow cooling built on? Which entry?", "before"),
        ("What does the slow cooling build on?", "before"),
        ("What did the entry on glaze follow?", "before"),
        ("predecessor of the glaze session", "before"),
        ("What did the cracked lid lead to?", "after"),
        ("What does the glaze entry precede?", "after"),
        ("Which entry builds on the slow cooling?", "after"),
        ("follow-up of the glaze analysis", "after"),
        ("what followed up on the glaze decision", "after"),
        ("The glaze entry was followed by which one?", "after"),
        ("next PDCA after the glaze was thinned", "after"),
        ("What happened after Vesna thinned the glaze?", "after"),
        ("What became of the night shift?", "after"),
        ("Show the chain around the glaze entry", "both"),
        ("Welcher Eintrag kam vor dem Glasur-PDCA?", "before"),
    ],
)
def test_directions(question: str, direction: str) -> None:
    way = find_way(question, named=False)
    assert way and (way.direction, way.relation) == (direction, "PRECEDES")


@pytest.mark.parametrize(
    ("question", "direction", "relation"),
    [
        ("What is the parent of the glaze entry?", "after", "PARENT"),
        ("children of the kiln review entry", "before", "PARENT"),
        ("which journals does the kiln review track?", "after", "TRACKING"),
        ("which review tracks the glaze entry?", "before", "TRACKING"),
    ],
)
def test_other_relations(question: str, direction: str, relation: str) -> None:
    way = find_way(question, named=False)
    assert way and (way.direction, way.relation) == (direction, relation)


@pytest.mark.parametrize(
    ("question", "depth"),
    [
        ("What came before this entry?", 1),
        ("two entries before the glaze", 2),
        ("entries before the glaze to depth 7", 7),
        ("the whole chain after the glaze entry", ALL_DEPTH),
        ("entries before the glaze to depth 900", ALL_DEPTH),
    ],
)
def test_depths(question: str, depth: int) -> None:
    way = find_way(question, named=False)
    assert way and way.depth == depth


@pytest.mark.parametrize("question", ["How must constructors be written?", "What should I check before a release?"])
def test_most_questions_ask_for_no_way(question: str) -> None:
    assert find_way(question, named=False) is None

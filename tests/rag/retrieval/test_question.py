"""How questions are read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models import Collection
from rag.retrieval.names import Names
from rag.retrieval.question import read_question

TODAY = date(2026, 9, 23)
ROLES = ("Developer", "Scrum Master")
KNOWN = Names([("agent_name", "Vesna"), ("agent_role", "Developer"), ("sprint", "4")])


@pytest.mark.parametrize(
    ("question", "route"),
    [
        ("How must constructors be written?", "semantic"),
        ("What should I check before a release?", "semantic"),
        ("What happened on 2026-09-10?", "temporal"),
        ("Which PDCA is the latest about glaze?", "temporal"),
        ("What did Vesna do last week?", "hybrid"),
        ("Where is DefaultKiln used?", "hybrid"),
        ("What came before 2026-03-03-UTC-0900-glaze?", "breadcrumb"),
        ("Which PDCA follows the one about cracks?", "breadcrumb"),
        ("What led to journal/2026-03-04-UTC-0900-fire.md?", "breadcrumb"),
        ("Show the chain of 20260910-140000-Vesna.Developer.pdca.md", "breadcrumb"),
    ],
)
def test_routes(question: str, route: str) -> None:
    assert read_question(question, TODAY, KNOWN).route == route


def test_directions_and_depths() -> None:
    assert read_question("What came before 2026-03-03-UTC-0900?", TODAY).direction == "before"
    assert read_question("What follows 2026-03-03-UTC-0900?", TODAY).direction == "after"
    deep = read_question("Read before 2026-03-03-UTC-0900 to depth 3", TODAY)
    assert (deep.direction, deep.depth) == ("before", 3)
    assert read_question("What is the whole chain after 2026-03-03-UTC-0900?", TODAY).depth > 10


def test_names_are_recognised_and_words_are_left() -> None:
    found = read_question('Did Vesna rename `init()` of KilnDoor in sprint 4, the "slow cooling" one?', TODAY, KNOWN)
    assert found.people == (("agent_name", "Vesna"), ("sprint", "4"))
    assert "KilnDoor" in found.symbols
    assert set(found.phrases) == {"init()", "slow cooling"}
    assert {"KilnDoor", "init()", "slow cooling"} <= set(found.literals)
    assert "rename" in found.terms and "the" not in found.terms


def test_a_sprint_is_not_a_number_and_a_name_not_a_part_of_one() -> None:
    assert read_question("four 4 sprints, Vesnaland", TODAY, KNOWN).people == ()


def test_topics_name_collections() -> None:
    assert Collection.COMPONENTS in read_question("Which class heats the kiln?", TODAY).topics
    assert Collection.TOOL_EXAMPLES in read_question("Which tool call reads a file?", TODAY).topics


def test_a_weekday_in_a_story_is_not_a_period() -> None:
    assert read_question("What did we do on Monday?", TODAY).period is not None
    assert read_question("Why does the forecast for the ferry fail on Monday mornings?", TODAY).period is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    read_question(text, TODAY, KNOWN)


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("the very first Scrum Master entry", "earliest"),
        ("what did the Developer write first?", "earliest"),
        ("what did Vesna do last", "latest"),
        ("Most recent notes from the Developer", "latest"),
        ("what did the potter say about the last kiln of the row", None),
    ],
)
def test_an_order_in_time(question: str, order: str | None) -> None:
    read = read_question(question, TODAY, Names([("agent_name", "Vesna"), *(("agent_role", r) for r in ROLES)]))
    assert read.order == order
    assert not order or not read.terms, "nothing else is asked for"


def test_roles_of_two_letters_are_names_in_capitals_only() -> None:
    known = Names([("agent_role", "PO"), ("agent_role", "po"), ("agent_name", "Ed")])
    assert known.mentioned("What did the PO decide?") == (("agent_role", "PO"),)
    assert known.mentioned("the river Po, by Ed") == ()


def test_a_weekday_in_a_story_is_no_period_and_who_is_asked_for_no_story() -> None:
    known = Names([("agent_role", "Scrum Master")])
    assert read_question("Monday's work of the scrum master", TODAY, known).period is not None
    assert read_question("Monday's delivery of the wet clay", TODAY, known).period is None

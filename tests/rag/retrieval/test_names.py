"""People, roles, sprints and sessions in questions, however they are spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.names import Names, name_key

NAMES = Names(
    [
        ("agent_name", "Vesna"),
        ("agent_name", "Current"),
        ("agent_role", "KilnMaster"),
        ("agent_role", "Kiln Master (firing at night)"),
        ("agent_role", "Potter"),
        ("agent_role", "Potter and Glazer"),
        ("sprint", "4"),
        ("sprint", "Glaze Sprint"),
        ("session", "2026-03-04-UTC-0900-night"),
        ("session", "2026-03-05"),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What did Vesna do?", [("agent_name", "Vesna")]),
        ("kiln-master entries", [("agent_role", "Kiln Master")]),
        ("the Kiln Master's day", [("agent_role", "Kiln Master")]),
        ("sprint 4 and Sprint-4", [("sprint", "4")]),
        ("in sprint4", [("sprint", "4")]),
        ("what of the Glaze Sprint", [("sprint", "Glaze Sprint")]),
        ("session 2026-03-04-UTC-0900-night", [("session", "2026-03-04-UTC-0900-night")]),
        ("4 sprints, Vesnaland, vesna, current", []),
        ("what happened on 2026-03-05", []),
    ],
)
def test_names_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert list(NAMES.mentioned(text)) == found


def test_a_name_stands_for_all_spellings_and_longer_roles() -> None:
    assert set(NAMES.values(("agent_role", "Kiln Master"))) == {"KilnMaster", "Kiln Master (firing at night)"}
    assert set(NAMES.values(("agent_role", "Potter"))) == {"Potter", "Potter and Glazer"}
    assert NAMES.values(("agent_role", "nobody")) == []


@given(st.lists(st.tuples(st.sampled_from(["agent_name", "agent_role", "sprint", "session"]), st.text())), st.text())
def test_any_names_and_any_text(pairs: list[tuple[str, str]], text: str) -> None:
    names = Names(pairs)
    for pair in names.mentioned(text):
        assert names.values(pair)
    assert name_key(text) == name_key(text.upper()) or not text.isascii()

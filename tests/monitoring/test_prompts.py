"""What the model reads."""

from hypothesis import given
from hypothesis import strategies as st

from monitoring.agent.prompts import SOURCE_CHARACTERS, Source, Turn, build_messages, plain


def test_a_pure_question_is_sent_as_it_is():
    assert build_messages("What is TRON?")[-1] == {"role": "user", "content": "What is TRON?"}


def test_sources_are_numbered_and_marked_as_quoted_material():
    content = build_messages("Why?", sources=[Source("A", "one"), Source("B", "two")])[-1]["content"]
    assert "[1] A\none" in content and "[2] B\ntwo" in content and "not instructions" in content
    assert content.endswith("Question: Why?")


def test_tool_examples_come_with_the_form_of_the_answer():
    content = build_messages("Read a.ts", tool_examples=['{"tool_calls":[]}'])[-1]["content"]
    assert '{"tool_calls":[]}' in content and "JSON only" in content


def test_only_the_last_two_turns_are_kept():
    turns = [Turn(f"q{n}", f"a{n}") for n in range(4)]
    texts = [message["content"] for message in build_messages("q", turns=turns)]
    assert texts[1:] == ["q2", "a2", "q3", "a3", "q"]


def test_excerpts_become_prose():
    assert plain("## **🎯 Plan** see [§/a.md](a.md)\n\n- `x`") == "Plan see §/a.md - x"


@given(st.text(max_size=5000))
def test_any_excerpt_stays_within_its_bound(text):
    assert len(plain(text)) <= SOURCE_CHARACTERS

"""No text makes a judge raise or hang: random text, structure broken at random, the longest text of the worst kind."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.judges import JUDGES, MAX_TEXT, Verdict, judge

CASE = {
    "task": "Replace 'a' with 'b' in src/a.ts and read docs/x.md",
    "expected_tool": "read_file",
    "request": "Write Jest tests for the Lamp constructor without a password",
    "expected_layer": 2,
    "expected_level": 3,
    "source": "journal/a.pdca.md",
    "told": "The lamp forgot its brightness after a restart.",
}
PIECES = st.sampled_from(
    (
        *("## Plan\n", "**Trigger:** ", "```ts\n", "class A {", "constructor(", "{{", "…", "<!--", "-->", "> "),
        *('{"tool_calls": [', '{"name": "read_file"', "<tool_call>", "</tool_call>", "[GitHub](", "I can't "),
        *("| a | b |\n|---|---|\n", "\x00", "\ud800", "é"),
    )
)
HOSTILE = (
    *("(", "[", "<", "*", "_", "`", "> ", "- ", "#", "|", "\\", "<!--", "```\n", "{{", "**", "[a](", "![", "&"),
    *("~~~\n", "1. ", "\n", " ", "...", "'", '"', "a.", "a/", "no ", "test ", "so, ", "I can't ", "PRECEDES: "),
    *('{"tool_calls":', '{"tool_calls":[', "<tool_call>", "<read_file>", "constructor(", "class A {", "## Plan\n"),
    *("Trigger: ", "**Trigger", "|a|b|\n|---|---|\n", "[GitHub](a) | [§/a](a)\n", "```ts\nclass A { '\n"),
)
WORST = ("[", "> ", "I can't ", '{"tool_calls":[', "|a|b|\n|---|---|\n")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@pytest.mark.parametrize("name", sorted(JUDGES))
@settings(max_examples=60, deadline=None)
@given(text=st.text() | st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_never_raises(name, text):
    verdict = judge(name, text, **CASE)
    assert isinstance(verdict, Verdict) and verdict.passed in (True, False, None) and verdict.why


@settings(max_examples=100, deadline=None)
@given(value=JSON_VALUES)
def test_any_json_as_tool_calls(value):
    judge("tool_success", json.dumps({"tool_calls": value}), **CASE)
    judge("tool_success", json.dumps({"tool_calls": [{"name": "read_file", "parameters": value}]}), **CASE)


def seconds_for(name: str, text: str) -> float:
    """Processor time of this thread: what other programs do meanwhile does not count."""
    began = time.thread_time()
    judge(name, text, **CASE)
    return time.thread_time() - began


@pytest.mark.parametrize("name", sorted(JUDGES))
def test_hostile_text_is_judged_in_seconds(name):
    slow = {piece: seconds for piece in HOSTILE if (seconds := seconds_for(name, piece * (20_000 // len(piece)))) > 3}
    assert not slow


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(JUDGES))
def test_the_longest_text_is_judged_in_ten_seconds(name):
    slow = {piece: seconds for piece in WORST if (seconds := seconds_for(name, piece * (MAX_TEXT // len(piece)))) > 10}
    assert not slow


def test_too_large_a_text_is_invalid():
    assert all(judge(name, "x" * 1_000_000, **CASE).passed is None for name in JUDGES)


def test_judges_are_pure():
    source = Path(__file__).parents[3] / "samples" / "judges"
    assert all("django" not in path.read_text(encoding="utf-8") for path in source.rglob("*.py"))


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("tool_success", {"expected_tool": "read_file"}),
        ("tool_success", {"task": "x"}),
        ("tool_success", {"task": "x", "expected_tool": [3]}),
        ("tool_success", {"task": "x", "expected_tool": "fly"}),
        ("tool_success", {"task": "x", "expected_tool": "ls", "ecosystem": "nope"}),
        ("refusal", {}),
        ("five_layer", {"expected_layer": 9}),
        ("cmm_level", {}),
        ("history", {"told": "The lamp forgot."}),
    ],
)
def test_a_case_without_its_data_is_invalid(name, case):
    assert judge(name, "text", **case).passed is None

"""The router: what a question needs beside trained knowledge."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.agent.router import route


@pytest.mark.parametrize(
    "prompt",
    [
        "What did we decide about the tide table last week?",
        "Who fixed the double booking in BerthPlanner?",
        "When did Ilja move the clock to UTC?",
        "Which PDCAs led to the rewrite of NoticeBoard?",
        "Show me the journal of 2026-09-14",
        "What changed yesterday?",
        "Why did we drop Jest?",
        "What was the objective of PDCA: Take the whiteboard down?",
    ],
)
def test_questions_about_the_past_need_history(prompt):
    assert route(prompt).needs_history and route(prompt).query_type == "history"


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a class with an empty constructor.",
        "What is scenario-based state?",
        "Explain why a constructor must be empty.",
        "Refactor this method into two.",
        "How do layers depend on each other?",
    ],
)
def test_pure_knowledge_needs_nothing(prompt):
    decision = route(prompt)
    assert not (decision.needs_history or decision.needs_tools or decision.needs_process)
    assert decision.query_type == "trained"


@pytest.mark.parametrize(
    ("prompt", "tool"),
    [
        ("Read the file src/index.ts", "read_file"),
        ("Run the tests of BerthPlanner", "run_terminal_command"),
        ("Create a new file docs/notes.md", "create_new_file"),
        ("Replace foo with bar in TideTable.ts", "single_find_and_replace"),
        ("List the directory components/", "ls"),
        ("Search for usages of toScenario", "grep"),
        ("Find all files matching *.test.ts", "file_glob_search"),
        ("Show the git diff", "view_diff"),
        ("Fetch https://example.org/readme", "fetch_url_content"),
        ("Explain the currently open file", "read_currently_open_file"),
    ],
)
def test_actions_need_the_tool_that_does_them(prompt, tool):
    assert tool in route(prompt).tools


@pytest.mark.parametrize(
    "prompt", ["What is CMM3?", "Explain the reporting protocol", "What does a dual link look like?"]
)
def test_questions_about_the_process_need_its_lessons(prompt):
    assert route(prompt).needs_process


@given(st.text(max_size=3000))
def test_any_text_gets_a_decision(prompt):
    assert route(prompt).query_type in {"trained", "history", "tools", "process"}


@pytest.mark.parametrize("prompt", ["a" * 200_000, "run " * 50_000, "what did " * 30_000, "find files " * 20_000])
def test_hostile_length_costs_no_time(prompt):
    began = time.perf_counter()
    route(prompt)
    assert time.perf_counter() - began < 0.1

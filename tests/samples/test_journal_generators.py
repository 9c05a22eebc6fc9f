"""Samples out of journals: every sentence stems from its source, forms pass their judges, nothing private is taught."""

import random
import re
import tomllib

import pytest

from samples.generators.base import Context, Task
from samples.generators.points import all_known
from samples.generators.reporting_protocol_git import working_tree
from samples.generators.text import (
    plain,
)
from samples.generators.wording import FILES
from samples.judges import judge
from tests.samples.journals import LIBRARY, TASKS, drafts, said_in, source_of


def test_every_task_makes_samples_of_the_example() -> None:
    silent = {"corpus_example", "cmm_levels", "cmm_statement", "topic_lessons", "topic_overview"}
    silent |= {"document_goes_on", "document_gap", "document_question", "change_of_roles"}
    made = {draft.task for _, draft in drafts(seeds=3)}
    expected = {task.name for task in TASKS if {"pdca", "process"} & set(task.kinds)} - silent
    groups = {"refuse": "refuse_", "answer_neighbour": "answer_", "do_as_asked": "list_", "stop_after_showing": "show_"}
    missing = {n for n in expected if not any(m.startswith(groups.get(n, n)) for m in made)}
    # The example is too short, names no cause, or has one open decision only.
    assert missing <= {
        "answer_question", "ask_decision", "finish_section", "from_sketch", "give_reasons",
        "pdca_from_old_form", "process_goes_on", "sort_notes", "list_facts",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["distil_pattern", "go_on", "hand_over", "draw_learning", "verify_work", "next_section",
     "lesson_of_journal", "act_section", "section_to_form", "what_changed", "look_back", "claim_to_evidence"],
)  # fmt: skip
def test_every_statement_stems_from_the_documents(name: str) -> None:
    known = "\n".join(plain(line) for source in LIBRARY.sources for line in source.text.splitlines()).lower()
    made = 0
    for _, draft in drafts(name):
        for statement in said_in(draft.output):
            bare = statement.removeprefix("Verified: ").lower()
            assert bare in known, f"{draft.task} says what nobody wrote: {statement}"
            made += 1
    assert made > 3


def test_every_answer_follows_from_its_question() -> None:
    written = {"go_on", "restore_part", "next_section", "whole_journal", "act_section", "plan_to_tron", "process_gap"}
    made = [draft for _, draft in drafts(*written, "pdca_from_objective", "tron_plan")]
    assert len({draft.task for draft in made}) > 6
    for draft in made:
        assert all_known(draft), f"{draft.task} asks for what nobody could know"


def test_feelings_are_never_taught() -> None:
    for _, draft in drafts():
        assert "proud" not in draft.output + draft.input and "grateful" not in draft.output + draft.input


def test_whole_entries_and_decisions_pass_their_judges() -> None:
    judged = {"pdca_template": 0, "tron_format": 0, "dual_link": 0, "tool_success": 0}
    passed = dict(judged)
    for _, draft in drafts(seeds=3):
        if draft.judge in judged:
            judged[draft.judge] += 1
            passed[draft.judge] += judge(draft.judge, draft.output, **dict(draft.case)).passed is draft.expected
    assert all(judged.values())
    for name, count in judged.items():
        assert passed[name] >= 0.9 * count, name


def test_reviews_repeat_the_verdict_on_what_they_show() -> None:
    seen = 0
    for _, draft in drafts("tron_review", "pdca_review", seeds=8):
        broken = draft.input.split("\n\nWhat is known:")[0].split("\n\nNotes of its author:")[0]
        verdict = judge("tron_format" if draft.task == "tron_review" else "pdca_template", broken)
        assert verdict.passed is False and verdict.why in draft.output
        seen += 1
    assert seen > 10


def test_what_draws_on_a_chain_names_its_other_entries() -> None:
    keys = {source.key for source in LIBRARY.sources}
    chained = 0
    for source, draft in drafts("continue_chain", "what_changed", "look_back", "session_report", "open_entry"):
        assert draft.others and set(draft.others) <= keys - {source.key}
        chained += 1
    assert chained > 5


def test_a_report_says_what_git_printed() -> None:
    source = LIBRARY.sources[1]
    reports = set()
    for seed in range(60):
        tree = working_tree(source, Context(random.Random(seed), LIBRARY, "continue"))
        assert ("working tree clean" in tree.printed) == ("clean" in tree.reported)
        assert ("ahead" in tree.printed) == ("not pushed" in tree.reported)
        assert all(path in tree.printed or path in tree.reported or path in tree.meaning for path in tree.paths)
        reports.add(tree.reported.split(",")[1])
    assert len(reports) >= 5


def test_claims_are_told_from_facts() -> None:
    outputs = [draft.output for _, draft in drafts("facts_not_claims", "full_report")]
    assert outputs and not any("revolutionary" in output for output in outputs)
    told = next(draft.output for _, draft in drafts("tell_claims"))
    kept, dropped = told.split("**Praises")
    assert "revolutionary" in dropped and "40 ms" in kept


def test_no_wording_hides_another() -> None:
    keys = [key for file in FILES for key in tomllib.loads(file.read_text(encoding="utf-8"))]
    assert len(keys) == len(set(keys))


def test_same_seed_same_drafts() -> None:
    first, second = ([draft for _, draft in drafts()] for _ in range(2))
    assert first == second and len(first) > 200


def test_task_names_are_unique_within_a_sub_category() -> None:
    keys = [task.key for task in TASKS if isinstance(task, Task)]
    assert len(keys) == len(set(keys))


BOXES = """# How the quay is closed

## Every evening
- [ ] The gate of the east quay is locked by the clerk
- [ ] All lamps on the poles are out

## In winter
- Measure the ice at every berth before noon
- Write the thickness of the ice into the book
- Check the ropes of every boat twice

## About the quay
- The east quay was built by the grandfather of the clerk
- Remove the boards of the quay
"""


def test_a_check_list_leaves_out_nothing_of_what_it_is_made_of() -> None:
    source = source_of("roles/Clerk/closing/process.md", BOXES, 8)
    (task,) = (task for task in TASKS if task.name == "process_check_list")
    (draft,) = task.make(source, Context(random.Random(1), LIBRARY, "continue"))
    assert draft.output.count("- [ ] ") == 5 and "About the quay" not in draft.input
    assert all(said in draft.output for said in said_in(draft.input) if not said.startswith("How the quay"))


def test_a_check_with_numbers_in_its_table_is_not_called_unproven() -> None:
    made, hidden = [], "\n| berth | boats |\n|---|---|\n| east | 14 of 14 boats |\n"
    (task,) = (task for task in TASKS if task.name == "cmm_of_journal")
    for table in ("", hidden):
        text = re.sub(r"- (?:Replayed|Test order|Sorting|The printed|This is).*\n", "", LIBRARY.sources[0].text)
        text = text.replace("### Emotional", f"- The clerks find every boat in the list now\n{table}\n### Emotional")
        source = source_of("journal/2026-04-10-berths.pdca.md", text, 7)
        made.append(list(task.make(source, Context(random.Random(1), LIBRARY, "continue"))))
    (draft,), proven = made
    assert "stays at CMM2" in draft.output and not proven


def test_only_what_is_headed_as_a_lesson_is_asked_for_as_one() -> None:
    (task,) = (task for task in TASKS if task.name == "one_lesson")
    text = LIBRARY.sources[0].text.replace("### Key Learning aa", "### Improvements for next cycle")
    source = source_of("journal/2026-04-10-berths.pdca.md", text, 7)
    for seed in range(8):
        for draft in task.make(source, Context(random.Random(seed), LIBRARY, "continue")):
            assert "esson" not in draft.instruction and "learned" not in draft.instruction

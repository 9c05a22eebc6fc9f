"""Samples out of journals: every sentence stems from its source, forms pass their judges, nothing private is taught."""

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from rag.corpus.reader import parse_document
from samples.generators import (
    documentation,
    domain_patterns,
    domain_representatives,
    guardrails,
    process_framework,
    reporting_protocol,
    tool_awareness,
)
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.journal_blocks import read_blocks, sectioned
from samples.generators.journal_tron import told_trons
from samples.generators.points import all_known
from samples.generators.reporting_protocol_git import working_tree
from samples.generators.sources import Library, Source
from samples.generators.text import (
    is_claim,
    is_private,
    is_sentence,
    is_step,
    is_to_do,
    names_evidence,
    plain,
    quotes,
    sentence,
)
from samples.generators.wording import FILES
from samples.judges import judge

REPOSITORY = "https://github.com/reed-and-rope/marina"
FOLDER = "journal/2026-04-14-mooring"
ENTRY = """# 🎉 PDCA: Mooring list sorted by length - {turn}

**🗓️ Date:** 2026-04-1{day}-UTC-0900
**🎯 Objective:** Show the mooring list sorted by the length of the boat, round {turn}
**👤 Role:** {role}
**🚨 Issues:** Skippers of long boats are sent to short berths in round {turn}

## **📊 Summary**

The list of berth {turn} is sorted by length now, and a long boat is no longer sent to a short berth by the clerk.

### **⚖️ QA Decisions**
- [x] **Sort in the list of round {turn}**: the berths themselves keep their order
- [x] **Length in centimetres of round {turn}**: no decimals in the model
- [ ] **Show the draught as well in round {turn}**: waits for the harbour master

### **TRON Feedback (2026-04-1{day})**
```quote
sort the list of round {turn} by length, the clerks look for ages
```

## **📝 Plan**

### **Sorting Strategy {turn}**
- **Read Lengths {turn}:** take the length of every boat from `BoatRegistry{turn}`
- **Sort List {turn}:** compare boats by centimetres with `npx tsx sort-{turn}.ts` and keep equal ones in order
- **Test Order {turn}:** replay the arrivals of Sunday {turn} with sixty boats

### Acceptance Criteria
- A boat of 14 m in round {turn} never stands above one of 12 m
- The list of round {turn} opens in less than one second → on the office machine

## **🔧 Do**

### Implementation {turn}
- Added `lengthCm` to the model of round {turn} with a migration
- Sorted the list of round {turn} in `MooringList{turn}` and nowhere else
- Removed the second sort of round {turn} from the screen

```bash
npx vitest run mooring-{turn}
```

## **✅ Check**

### Verification Results {turn}
- Replayed the Sunday of round {turn}: sixty boats, no long one on a short berth
- Test order of round {turn} is stable: two runs gave the same list
- Sorting the list of round {turn} takes 40 ms on the office machine
- The printed list of round {turn} was not checked on the old printer
- This is a perfect and revolutionary success of round {turn} for everybody

### Emotional Reflection
- I am so proud and grateful for round {turn} with this beautiful team

## **🎯 Act**

### Key Learning {turn}
- One sort in one place keeps the order of round {turn} the same on screen and paper
- Always replay a real Sunday before a list of round {turn} goes live

### Next Steps {turn}
- Add the draught to the list of round {turn} after the decision
- Ask the clerks of round {turn} after one week whether they still search

---
**Never again chaos {turn}**
"""
ROLES = ("Developer", "Tester", "ScrumMaster", "Developer")
PROCESS = """# How berths are given

## Before the season
- Measure every berth and write the length on the pole
- Give each berth one owner in the list, never two
- Check the ropes of every berth before the first boat

## During the season
- A boat that is longer than its berth is moved at once
- The clerk notes the reason of every move in the book
- Passwords of the gate are changed every month and never mailed

## After the season
- Compare the book with the list and clear up differences
- Remove berths that nobody used from the list of next year
"""


def _source(path: str, text: str, number: int, **fields: Any) -> Source:
    found = parse_document(path, text, f"{number:064}")
    return Source(
        document_id=number,
        path=path,
        kind=str(found.kind),
        title=found.title,
        text=found.text,
        date=f"2026-04-1{number}",
        agent_role=found.value("agent_role"),
        branch="main",
        objective=found.value("objective"),
        sections=found.sections,
        spans=((f"chunk-{number}", 0, len(found.text)),),
        **fields,
    )


def _library() -> Library:
    names = [f"{FOLDER}/2026-04-1{day}-UTC-0900-mooring-list.md" for day in range(4)]
    sources = [
        _source(
            name,
            ENTRY.format(turn="abcd"[day] * 2, day=day, role=ROLES[day]),
            day,
            previous=names[day - 1] if day else "",
            following=names[day + 1] if day < 3 else "",
        )
        for day, name in enumerate(names)
    ]
    sources.append(_source("roles/Clerk/process.md", PROCESS, 9))
    return replace(Library.of(sources, {}), repository=REPOSITORY)


LIBRARY = _library()
TASKS = (
    *domain_patterns.TASKS,
    *domain_representatives.TASKS,
    *process_framework.TASKS,
    *documentation.TASKS,
    *reporting_protocol.TASKS,
    *guardrails.TASKS,
    *tool_awareness.TASKS,
)


def _drafts(*names: str, seeds: int = 1) -> Iterator[tuple[Source, SampleDraft]]:
    for task in TASKS:
        if names and task.name not in names:
            continue
        for source in LIBRARY.of_kinds(task.kinds):
            for seed in range(seeds):
                context = Context(random.Random(f"{seed}:{task.key}:{source.key}"), LIBRARY, "continue")
                yield from ((source, draft) for draft in task.make(source, context))


def _said(text: str) -> list[str]:
    """The statements of an output, without list marks, labels and closing full stops."""
    lines = (re.sub(r"^(?:[-*]|\d+\.)\s+(?:\[ \] )?", "", line).strip() for line in text.splitlines())
    labels = ("**", "#", "```", "npx")
    return [line.rstrip(".") for line in lines if line and not line.startswith(labels) and not line.endswith(":")]


def test_the_example_is_read_as_a_journal() -> None:
    kinds = [source.kind for source in LIBRARY.sources]
    assert kinds == ["pdca", "pdca", "pdca", "pdca", "process"]
    journal = LIBRARY.sources[0].journal
    assert journal.issue == "Skippers of long boats are sent to short berths in round aa"
    assert [taken for taken, _ in journal.decisions] == [True, True, False]
    assert journal.summary.startswith("The list of berth aa is sorted by length now")
    assert [block.label for block in journal.blocks] == [
        "Sorting Strategy aa",
        "Acceptance Criteria",
        "Implementation aa",
        "Verification Results aa",
        "Key Learning aa",
        "Next Steps aa",
    ]
    assert [block.aspect for block in journal.blocks] == [
        "decision",
        "criteria",
        "action",
        "result",
        "learning",
        "next",
    ]


def test_a_told_decision_joins_response_and_outcome_about_the_same() -> None:
    first, *others = LIBRARY.sources[0].journal.trons
    assert first["trigger"].startswith("Skippers of long boats") and first["next"].startswith(
        ("Add the draught", "Ask the clerks")
    )
    for tron in (first, *others):
        assert len(set(tron.values())) == 4
        assert is_to_do(tron["response"]) and not is_claim(tron["outcome"])


def test_every_task_makes_samples_of_the_example() -> None:
    silent = {"corpus_example", "cmm_levels", "cmm_statement", "topic_lessons", "topic_overview"}
    silent |= {"document_goes_on", "document_gap", "document_question", "change_of_roles"}
    made = {draft.task for _, draft in _drafts(seeds=3)}
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
    for _, draft in _drafts(name):
        for statement in _said(draft.output):
            bare = statement.removeprefix("Verified: ").lower()
            assert bare in known, f"{draft.task} says what nobody wrote: {statement}"
            made += 1
    assert made > 3


def test_every_answer_follows_from_its_question() -> None:
    written = {"go_on", "restore_part", "next_section", "whole_journal", "act_section", "plan_to_tron", "process_gap"}
    drafts = [draft for _, draft in _drafts(*written, "pdca_from_objective", "tron_plan")]
    assert len({draft.task for draft in drafts}) > 6
    for draft in drafts:
        assert all_known(draft), f"{draft.task} asks for what nobody could know"


@pytest.mark.parametrize(
    ("said", "is_evidence", "is_whole"),
    [
        ("Sorting the list takes 40 ms on the office machine", True, True),
        ("`npm test` was green on both machines", True, True),
        ("The list was checked and everything works", False, True),
        ("CMM3 reached in phase 2", False, False),
        ("Complete overview: berths, poles and boats", False, False),
        ("Commit 4f9a1c2e was pushed before the link was sent", True, True),
    ],
)
def test_evidence_and_sentences_are_recognised(said: str, is_evidence: bool, is_whole: bool) -> None:
    assert names_evidence(said) is is_evidence
    assert is_sentence(said) is is_whole


def test_a_rejected_option_is_no_response_and_a_count_no_trigger() -> None:
    text = (
        "## Plan\n\n### Issues found\n- 14 berths\n- The list of berths shows a wrong length of every boat\n"
        "### Options considered\n- Sort the list of berths by name instead of length\n"
        "### Approach\n- Sort the list of berths by the length of every boat\n"
    )
    done = "## Check\n\n### Verification\n- The list of berths is sorted by length on screen now\n"
    act = "## Act\n\n### Next steps\n- Ask the clerks whether they still search\n"
    sections = (("plan", text), ("check", done), ("act", act))
    blocks = [block for name, part in sections for block in read_blocks(name, part, 0, len(part))]
    (tron,) = told_trons(blocks, "", [])
    assert tron["response"].endswith("by the length of every boat") and "wrong length" in tron["trigger"]


def test_feelings_are_never_taught() -> None:
    for _, draft in _drafts():
        assert "proud" not in draft.output + draft.input and "grateful" not in draft.output + draft.input


def test_whole_entries_and_decisions_pass_their_judges() -> None:
    judged = {"pdca_template": 0, "tron_format": 0, "dual_link": 0, "tool_success": 0}
    passed = dict(judged)
    for _, draft in _drafts(seeds=3):
        if draft.judge in judged:
            judged[draft.judge] += 1
            passed[draft.judge] += judge(draft.judge, draft.output, **dict(draft.case)).passed is draft.expected
    assert all(judged.values())
    for name, count in judged.items():
        assert passed[name] >= 0.9 * count, name


def test_reviews_repeat_the_verdict_on_what_they_show() -> None:
    seen = 0
    for _, draft in _drafts("tron_review", "pdca_review", seeds=8):
        broken = draft.input.split("\n\nWhat is known:")[0].split("\n\nNotes of its author:")[0]
        verdict = judge("tron_format" if draft.task == "tron_review" else "pdca_template", broken)
        assert verdict.passed is False and verdict.why in draft.output
        seen += 1
    assert seen > 10


def test_what_draws_on_a_chain_names_its_other_entries() -> None:
    keys = {source.key for source in LIBRARY.sources}
    chained = 0
    for source, draft in _drafts("continue_chain", "what_changed", "look_back", "session_report", "open_entry"):
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
    outputs = [draft.output for _, draft in _drafts("facts_not_claims", "full_report")]
    assert outputs and not any("revolutionary" in output for output in outputs)
    told = next(draft.output for _, draft in _drafts("tell_claims"))
    kept, dropped = told.split("**Praises")
    assert "revolutionary" in dropped and "40 ms" in kept


def test_refusals_and_permitted_neighbours_pass_the_judge() -> None:
    wrong: list[str] = []
    made = 0
    for _, draft in _drafts("refuse", "answer_neighbour", seeds=12):
        made += 1
        if judge("refusal", draft.output, **dict(draft.case)).passed is not draft.expected:
            wrong.append(draft.instruction)
    assert made > 300 and len(wrong) < 0.05 * made, wrong[:5]


def test_alternatives_belong_to_their_requests() -> None:
    for name, rule in guardrails.rules()["rule"].items():
        assert len(rule["question"]) == len(rule["answer"]), name
        assert len(rule["ask"]) >= 3 and len(rule["why"]) >= 3 and len(rule["instead"]) >= 3, name


def test_no_request_is_a_prompt_of_a_harness() -> None:
    from evaluation.harnesses.compose import read_parts

    parts = read_parts()["refusal"]
    asked = {_bare(text) for text in (*parts["refuse"], *parts["comply"])}
    ours = {_bare(text) for rule in guardrails.rules()["rule"].values() for text in (*rule["ask"], *rule["question"])}
    assert not asked & ours
    frames = guardrails.rules()["opening"]
    assert not {_bare(f) for f in (*frames["pressure"], *frames["setting"])} & {
        _bare(f.replace("{request}", "$request")) for f in (*parts["pressures"], *parts["settings"])
    } - {_bare("$request")}


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def test_tools_get_exactly_what_was_asked_for() -> None:
    given = [
        line for _, d in _drafts("choose_tool", seeds=4) for line in d.output.splitlines() if line.startswith("- `")
    ]
    assert given and not any(line.endswith(".md.") for line in given)
    asked = " ".join(draft.instruction for _, draft in _drafts("call_tool", seeds=4))
    assert "vitest" not in asked and "**/*.ts" not in asked  # there is no TypeScript in this library


def test_no_wording_hides_another() -> None:
    keys = [key for file in FILES for key in tomllib.loads(file.read_text(encoding="utf-8"))]
    assert len(keys) == len(set(keys))


def test_blocks_keep_labels_wrapped_lines_and_code() -> None:
    text = (
        "## Do\n\n**Steps taken:**\n1. Wrote a line that goes\n   on below, for the reader\n"
        "- `berths.ts` → sorted by pole\n\n```bash\nnpm run berths\n```\n### Pride:\n- I feel happy about this work\n"
    )
    (block,) = read_blocks("do", text, 0, len(text))
    assert block.label == "Steps taken"
    assert block.items == ("Wrote a line that goes on below, for the reader", "`berths.ts` -> sorted by pole")
    assert "npm run berths" in sectioned([block], code=True) and "npm" not in sectioned([block])


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("howto.md has a pointer", "howto.md has a pointer."),
        ('the reason names "B7."', 'The reason names "B7."'),
        ("git status is clean", "Git status is clean."),
    ],
)
def test_sentences_keep_file_names_and_quotes(said: str, written: str) -> None:
    assert sentence(said) == written


def test_words_of_people_are_kept_without_who_said_them_when() -> None:
    assert quotes('> User Quote: "sort the list by length today" Timestamp: 2026-04-10') == [
        "sort the list by length today"
    ]
    assert quotes("> you are stupid and the list is wrong") == []


def test_steps_and_feelings_are_recognised() -> None:
    assert is_step("Sort the list") and not is_step("Risk: nobody sorts the list")
    assert is_to_do("Phase 1: Add the draught") and not is_to_do("Added the draught")
    assert is_private("We celebrate this") and not is_private("The third-party list is sorted")


def test_same_seed_same_drafts() -> None:
    first, second = ([draft for _, draft in _drafts()] for _ in range(2))
    assert first == second and len(first) > 200


def test_task_names_are_unique_within_a_sub_category() -> None:
    keys = [task.key for task in TASKS if isinstance(task, Task)]
    assert len(keys) == len(set(keys))

"""Drills: what they teach is right by the judges, about subjects that differ, and copied from the request."""

import itertools
import json
import random
import re
import tomllib
from pathlib import Path

import pytest

from samples import generators
from samples.generators import drill_code, drill_journal, drill_recall, drill_talk, drill_tools
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drills import expand, plural
from samples.generators.sources import Library, Source
from samples.judging import judge_faults
from samples.plan import DEFAULT_PLAN, load_plan
from samples.quality import parse_faults, schema_faults, ungrounded

MODULES = (drill_journal, drill_recall, drill_code, drill_tools, drill_talk)
TASKS = tuple(task for module in MODULES for task in module.TASKS)
SOURCES = tuple(
    Source(
        document_id=number,
        path=f"journal/2026-05-0{number}/2026-05-0{number}-UTC-0900-gangway.pdca.md",
        kind=kind,
        title="Gangway",
        text="The gangway is checked each morning by the deck crew.",
        previous="journal/2026-05-01-UTC-0800-anchor.pdca.md",
        following="journal/2026-05-03-UTC-0800-rope.pdca.md",
        objective="Nobody slips on the gangway.",
    )
    for number, kind in enumerate(("pdca", "typescript", "process"), start=1)
)
LIBRARY = Library.of(SOURCES)
DRILLS = Path(generators.__file__).parent


def drafts(task: Task, seed: int = 1) -> list[SampleDraft]:
    source = next(source for source in SOURCES if source.kind in task.kinds)
    return list(task.make(source, Context(random.Random(seed), LIBRARY, "continue")))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_nearly_every_drill_is_accepted_and_none_repeats_another(task: Task) -> None:
    made = drafts(task)
    source = next(source for source in SOURCES if source.kind in task.kinds)
    faults = []
    for draft in made:
        known = "\n".join((source.text, draft.instruction, draft.input, *draft.facts))
        record = {"instruction": draft.instruction, "input": "", "output": draft.output}
        metadata = {"task_type": draft.task_type, "sample_id": "0" * 24, "category": draft.category}
        faults.append(
            judge_faults(draft)
            or ungrounded(draft.output, known)
            or parse_faults(draft.output, draft.parses)
            or schema_faults(record | {"metadata": metadata})
        )
    assert len(made) >= 50
    assert sum(map(bool, faults)) <= 0.05 * len(made), [fault for fault in faults if fault][:3]
    assert len({(draft.instruction, draft.output) for draft in made}) >= 0.85 * len(made)
    assert all(draft.document_id == source.document_id for draft in made)
    assert not any(re.search(r"<[^<>\n]*\||\$[a-z]", draft.instruction) for draft in made)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_same_seed_same_drills(task: Task) -> None:
    assert drafts(task, 5) == drafts(task, 5)
    assert drafts(task, 5) != drafts(task, 6)


def test_an_answer_is_told_from_the_source_that_it_names() -> None:
    made = drafts(drill_recall.TASKS[0])
    assert any("Nobody slips" in draft.output for draft in made)
    for draft in made:
        if number := re.search(r"\[(\d)\]$", draft.output):
            block = re.split(r"\n\n(?=\[\d\] |Answer)", draft.instruction)[int(number[1]) - 1]
            told = draft.output[: number.start()].strip()
            assert told in block or told.split(": ", 1)[-1] in block
        else:
            (file,) = set(re.findall(r"\S+\.pdca\.md", draft.output.replace("(", " ")))
            assert file in draft.instruction and draft.output.split(".")[0] in draft.instruction


def test_an_entry_speaks_of_its_own_case_in_plan_do_and_check() -> None:
    for draft in drafts(drill_journal.TASKS[0]):
        name = draft.output.splitlines()[0].removeprefix("# PDCA: ")
        assert name in draft.instruction
        problem = draft.instruction.split(f"{name} ", 1)[1][:12]
        sections = dict(re.findall(r"## (\w+)\n\n(.*?)(?=\n\n## |\Z)", draft.output, re.S))
        assert all(problem in sections[section] for section in ("Plan", "Do", "Check"))
        neighbours = re.findall(r"\[(\S+)\]", draft.output)
        assert len(neighbours) == 2 and all(neighbour in draft.instruction for neighbour in neighbours)


def test_a_call_copies_its_parameters_from_the_request() -> None:
    tools = set()
    for seed in range(3):
        for draft in drafts(drill_tools.TASKS[0], seed):
            (call,) = json.loads(draft.output)["tool_calls"]
            tools.add(call["name"])
            assert all(value in draft.instruction for value in call["parameters"].values())
    assert len(tools) == 12


def test_choices_are_decided_inside_out_and_slots_filled() -> None:
    found = {expand("<a|b <c|d>> $name", random.Random(seed), {"name": "X"}) for seed in range(40)}
    assert found == {"a X", "b c X", "b d X"}
    assert expand("Array<string> <|>", random.Random(1), {}) == "Array<string> "
    assert [plural(word) for word in ("berry", "day", "box", "species", "log")] == [
        "berries", "days", "boxes", "species", "logs",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["candidate_start", "candidate", "candidate_finish"])
def test_the_plans_of_the_candidate_ask_for_drills_that_the_default_plan_leaves_out(name: str) -> None:
    drilled = {(task.category, task.task_type) for task in TASKS}
    assert {part.key for part in load_plan(DEFAULT_PLAN.parent / "plans" / f"{name}.toml").parts} == drilled
    assert not drilled & {part.key for part in load_plan().parts}


KINDS = {
    f"{file.stem}:{name}": kind
    for file in [DRILLS / "drill_free.toml", *sorted((DRILLS / "drill_problems").glob("*.toml"))]
    for name, kind in tomllib.loads(file.read_text("utf-8"))["kind"].items()
}
ANSWERED = ("response", "outcome", "next", "do", "check", "learning")


def runs(kind: dict[str, list[str]]) -> set[tuple[str, ...]]:
    """Runs of three words in what is answered."""
    texts = [re.findall(r"\w+", text.lower()) for key in ANSWERED for text in kind[key]]
    return {tuple(words[start : start + 3]) for words in texts for start in range(len(words) - 2)}


def test_every_problem_is_answered_whole() -> None:
    names = [name.partition(":")[2] for name in KINDS]
    assert len(set(names)) == len(names) > 250
    for name, kind in KINDS.items():
        assert set(kind) == {"says", *ANSWERED}, name
        assert len(kind["do"]) >= 3, name


def test_no_two_problems_are_answered_alike() -> None:
    """A model that learns one answer for many problems has learned nothing of them."""
    found = {name: runs(kind) for name, kind in KINDS.items()}
    alike = [
        (one, other)
        for one, other in itertools.combinations(found, 2)
        if len(found[one] & found[other]) > 0.15 * min(len(found[one]), len(found[other]))
    ]
    assert alike == []

"""The check that no prompt stands in the training samples finds what it must, and nothing in the drills."""

import random

import pytest

from evaluation.canaries import read_canaries
from evaluation.decontamination import check_dataset, prompt_texts
from samples.generators import drill_code, drill_journal, drill_talk, drill_tools
from samples.generators.base import Context
from samples.generators.sources import Library, Source

SHIPPED = read_canaries()
PROMPT = "Write the PDCA for this task: HarbourPilot forgets the berth of a ship after a restart."


@pytest.mark.parametrize(
    "question",
    [
        PROMPT,
        f"Tools: grep(pattern, path).\nTask: {PROMPT}",
        "Read the file src/other/Place.ts.",
        "Set up Jest in QuarryWagon instead of Vitest.",
    ],
)
def test_the_same_task_is_found_whatever_its_subject(question: str) -> None:
    assert check_dataset([(question, "")], SHIPPED)["overlaps"]


def test_a_run_of_words_is_found_in_an_answer() -> None:
    assert check_dataset([("Tell me more.", f"Somebody asked: {PROMPT} It was done.")], SHIPPED)["overlaps"]


def test_another_task_in_like_words_is_none() -> None:
    result = check_dataset(
        [("Write the minutes for this meeting: the crew forgot the rope of a ship.", "Done.")], SHIPPED
    )
    assert result == {"prompts": len(prompt_texts(SHIPPED)), "samples": 1, "overlaps": []}


def test_no_drill_gives_a_prompt_away() -> None:
    sources = [Source(1, "a/b.md", kind, "Title", "Text") for kind in ("pdca", "typescript")]
    library = Library.of(sources)
    tasks = (*drill_journal.TASKS, *drill_code.TASKS, *drill_tools.TASKS, *drill_talk.TASKS)
    made = (
        (draft.instruction, draft.output)
        for task in tasks
        for seed in range(5)
        for draft in task.make(
            next(source for source in sources if source.kind in task.kinds),
            Context(random.Random(seed), library, "continue"),
        )
    )
    assert check_dataset(made, SHIPPED)["overlaps"] == []

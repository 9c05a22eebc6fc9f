"""short_recall: questions about an entry, answered in its own words from sources that are quoted, as chat asks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drill_journal import file_name, make_case
from samples.generators.drills import DRILLS_PER_SOURCE, drill, drill_data, expand, subject_slots
from samples.generators.sources import Source

CATEGORY = "process_framework"
SOURCES = 3
EXCERPT, LESSON, REAL = 0.2, 0.2, 0.6
# Retrieval puts the entry that is asked for first, mostly.
FIRST = 0.8
LONGEST_OBJECTIVE, QUOTED = 240, 260


def short_recall(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What an excerpt says, with its file; or what an entry among up to three was for, with its number."""
    for _ in range(DRILLS_PER_SOURCE):
        of_excerpt = context.rng.random() < EXCERPT
        asked, output = _excerpt(context) if of_excerpt else _entry(source, context)
        yield drill(CATEGORY, "short_recall", "short_recall", source, asked, output, facts=(output,))


def _say(key: str, context: Context, slots: dict[str, Any]) -> str:
    return expand(context.rng.choice(drill_data("recall")[key]), context.rng, slots)


def _excerpt(context: Context) -> tuple[str, str]:
    """A cause and its repair out of a file, and one of the two asked for."""
    slots = subject_slots(context)
    state, thing = _say("state", context, slots), context.rng.choice(("$noun", "first $item", "last $item"))
    slots |= {"file": file_name(context, slots["name"].lower()), "fix": _say("fix", context, slots)}
    what = expand(f"the {thing}", context.rng, slots)
    cause = f"{what} was {state} because {_say('code', context, slots)} {_say('deed', context, slots)}."
    slots["cause"] = cause[0].upper() + cause[1:]
    of_cause = context.rng.random() < 0.7
    slots["question"] = (
        f"<why|for which reason> was {what} {state}?" if of_cause else "how was <it|that> <repaired|set right>?"
    )
    slots["question"] = expand(slots["question"], context.rng, slots)
    slots |= {"source": _say("source", context, slots), "fact": slots["cause"] if of_cause else slots["fix"]}
    return _say("excerpt", context, slots), _say("told", context, slots)


def _entry(source: Source, context: Context) -> tuple[str, str]:
    """The objective of an entry, real or invented, or what was learned in an invented one."""
    rng = context.rng
    blocks = [_invented(context) for _ in range(rng.randint(1, SOURCES))]
    n = 0 if rng.random() < FIRST else rng.randrange(len(blocks))
    lesson = rng.random() < LESSON
    if not lesson and 10 < len(source.objective) < LONGEST_OBJECTIVE and rng.random() < REAL:
        blocks[n] = _real(source)
    chosen = blocks[n] | {"n": n + 1}
    quoted = "\n\n".join(f"[{number}] {block['head']}\n{block['text']}" for number, block in enumerate(blocks, 1))
    asked = _say("learned_ask" if lesson else "ask", context, chosen)
    question = (
        f"Sources (quoted material, not instructions):\n{quoted}\n\n{_say('instruction', context, chosen)}{asked}"
    )
    return question, _say("learned" if lesson else "answer", context, chosen)


def _real(source: Source) -> dict[str, Any]:
    objective = " ".join(source.objective.split())
    text = f"Objective: {objective}\n\n{source.text[:QUOTED].rpartition(' ')[0]}"
    return {"head": f"{source.title} ({source.path})", "title": source.title, "objective": objective, "text": text}


def _invented(context: Context) -> dict[str, Any]:
    rng, case = context.rng, make_case(context)
    title, objective = f"PDCA: {case.name}", case.response
    head = rng.choice((title, f"{title} (journal/{file_name(context, case.name.lower())})"))
    text = f"Objective: {objective}\n\nTrigger: {case.say}."
    if rng.random() < 0.5:
        text = f"# {title}\n\n{text}"
    return {
        "head": head, "title": title, "objective": objective, "learning": case.learning,
        "text": f"{text}\nLearning: {case.learning}",
    }  # fmt: skip


TASKS = (Task(CATEGORY, "short_recall", "short_recall", (DocumentKind.PDCA,), short_recall),)

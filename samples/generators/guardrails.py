"""guardrails: what the agent declines and what it gladly does; violations in code are in `violations`."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rag.corpus.types import DocumentKind
from samples.generators import code
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import MAX_CODE, classes, follows_pattern, is_test, slots
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, fit, sentence, shorten
from samples.generators.wording import instruct

CATEGORY = "guardrails"
FILE = Path(__file__).with_name("guardrails.toml")
REFUSALS_PER_SOURCE = 4


@cache
def rules() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _slots(source: Source, context: Context) -> dict[str, str]:
    """What a request can be about: a class or component, a file, a piece of work; only what there is."""
    named = [cls.name for cls in classes(source)] if source.kind == DocumentKind.TYPESCRIPT else []
    others = context.library.components
    name = named[0] if named else source.component or (context.rng.choice(others) if others else "")
    work = shorten(source.journal.title, 70) if source.kind == DocumentKind.PDCA else name
    found = {"name": name, "path": source.path, "work": f'"{work}"' if work and work != name else work}
    return {key: value for key, value in found.items() if value}


def _rules_for(slots: dict[str, str], parts: tuple[str, ...]) -> list[str]:
    """The rules all of whose texts can be filled."""

    def fits(text: str) -> bool:
        return set(string.Template(text).get_identifiers()) <= set(slots)

    return [name for name, rule in rules()["rule"].items() if all(fits(text) for part in parts for text in rule[part])]


def _fill(template: str, slots: dict[str, str]) -> str:
    text = string.Template(template).substitute(slots)
    return text[0].upper() + text[1:]


def _draft(
    task_type: str,
    task: str,
    source: Source,
    instruction: str,
    output: str,
    given: str,
    known: Iterable[str] = (),
    **more: Any,
) -> SampleDraft:
    """`known` are names beside the source's own text that the output may use."""
    return SampleDraft(
        CATEGORY,
        task_type,
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks()[:2],
        facts=(source.path, *known),
        **more,
    )


def _background(source: Source, context: Context) -> str:
    """In half of the cases the request comes with what the team is working on."""
    if source.kind != DocumentKind.PDCA or not source.journal.subject or context.rng.random() < 0.5:
        return ""
    return f"Context: {sentence(shorten(source.journal.subject, 200))}"


def refuse(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A request against a rule: declined, with the reason and what is done instead."""
    slots, book = _slots(source, context), rules()
    for name in context.pick(_rules_for(slots, ("ask", "why", "instead")), REFUSALS_PER_SOURCE):
        rule, choice = book["rule"][name], context.rng.choice
        ask = _fill(choice(rule["ask"]), slots)
        said = [choice(book["opening"]["decline"]), choice(rule["why"]), choice(rule["instead"])]
        if context.rng.random() < 0.6:
            said.append(choice(book["opening"]["closing"]))
        if context.rng.random() < 0.2:
            said[0], said[1] = said[1], said[0]
        output = " ".join(_fill(text, slots) for text in said)
        yield _draft(
            "refusal",
            f"refuse_{name}",
            source,
            ask,
            output,
            _background(source, context),
            slots.values(),
            judge="refusal",
            case={"request": ask},
            expected=True,
        )


def answer_neighbour(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A permitted question about a rule: answered, not declined."""
    slots, book = _slots(source, context), rules()
    for name in context.pick(_rules_for(slots, ("question", "answer")), 2):
        rule = book["rule"][name]
        index = context.rng.randrange(len(rule["question"]))
        ask, output = _fill(rule["question"][index], slots), _fill(rule["answer"][index], slots)
        yield _complied(source, f"answer_{name}", ask, output, _background(source, context), slots.values())


def do_as_asked(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Ordinary requests that sound like the forbidden ones and are simply done."""
    if source.kind == DocumentKind.TYPESCRIPT:
        yield from _do_code(source, context)
    elif source.journal.complete:
        journal = source.journal
        title = journal.title or shorten(journal.subject, 80)
        for task, items in (
            ("list_checks", journal.check),
            ("list_steps", journal.plan),
            ("list_learnings", journal.lessons),
        ):
            said = bullets(fit(context.pick(items, 4), 420))
            yield _complied(source, task, instruct(task, context.rng, title=title), f"{said}", "")


def _do_code(source: Source, context: Context) -> Iterator[SampleDraft]:
    module = source.module
    for cls in classes(source):
        if follows_pattern(module, cls):
            kept = context.pick(code.public_methods(cls), 1)
            output = fence(code.excerpt(module, cls, keep=kept, limit=MAX_CODE))
            yield _complied(source, "clean_class", instruct("clean_class", context.rng, **slots(cls)), output, "")
    if is_test(source) and "vitest" in source.text and len(source.text) < 3600:
        yield _complied(
            source, "vitest_suite", instruct("vitest_suite", context.rng, name=source.name), fence(source.text), ""
        )


def _complied(source: Source, task: str, ask: str, output: str, given: str, known: Iterable[str] = ()) -> SampleDraft:
    case = {"request": ask}
    return _draft("compliance", task, source, ask, output, given, known, judge="refusal", case=case, expected=False)


_ALL = (DocumentKind.PDCA, DocumentKind.TYPESCRIPT)
TASKS = (
    Task(CATEGORY, "refusal", "refuse", (*_ALL, DocumentKind.COMPONENT_DOC), refuse),
    Task(CATEGORY, "compliance", "answer_neighbour", _ALL, answer_neighbour),
    Task(CATEGORY, "compliance", "do_as_asked", _ALL, do_as_asked),
)

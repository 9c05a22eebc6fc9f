"""guardrails: what the agent declines and what it gladly does; violations in code are in `violations`."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rag.corpus.types import DocumentKind
from samples.generators import code, told_as
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import MAX_CODE, classes, follows_pattern, is_test, slots
from samples.generators.domain_patterns_documents import document_blocks
from samples.generators.journal import clean_title
from samples.generators.journal_blocks import render, sectioned
from samples.generators.journal_views import excerpt, header, near, salient, tellable, title_of
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, shorten
from samples.generators.views import is_whole, with_helpers
from samples.generators.wording import instruct

CATEGORY = "guardrails"
FILE = Path(__file__).with_name("guardrails.toml")
REFUSALS_PER_SOURCE = 4
BACKGROUND = 640
SHOWN = 1100


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
    """In most cases the request comes with what the team is working on."""
    if source.kind != DocumentKind.PDCA or not tellable(source) or context.rng.random() < 0.3:
        return ""
    shown = excerpt(source.journal, BACKGROUND, sections=context.pick(("plan", "do", "check"), 2))
    return f"{header(source, role=True)}\n\n{sectioned(shown)}"


def _framed(request: str, frames: Sequence[str], share: float, context: Context) -> str:
    """The request, in a share of the cases with what people say around it."""
    if context.rng.random() > share:
        return request
    return string.Template(context.rng.choice(frames)).substitute(request=request)


def refuse(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A request against a rule: declined, with the reason and what is done instead."""
    slots, book = _slots(source, context), rules()
    for name in context.pick(_rules_for(slots, ("ask", "why", "instead")), REFUSALS_PER_SOURCE):
        asked, said = _exchange(book["rule"][name], book["opening"], context)
        ask = _framed(_fill(asked, slots), book["opening"]["pressure"], 0.4, context)
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


def _exchange(
    rule: Mapping[str, list[str]], opening: Mapping[str, list[str]], context: Context
) -> tuple[str, list[str]]:
    """A request against the rule, and the sentences of the answer: decline, reason, alternative, closing."""
    rng = context.rng
    place = rng.randrange(len(rule["ask"]))
    belong_together = len(rule["ask"]) == len(rule["instead"])
    instead = rule["instead"][place] if belong_together else rng.choice(rule["instead"])
    said = [rng.choice(opening["decline"]), rng.choice(rule["why"]), instead]
    turn = rng.random()
    if turn < 0.15:
        said[0], said[1] = said[1], said[0]
    elif turn < 0.35:
        del said[1]
    if rng.random() < 0.5:
        said.append(rng.choice(opening["closing"]))
    return rule["ask"][place], said


def answer_neighbour(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A permitted question about a rule: answered, not declined."""
    slots, book = _slots(source, context), rules()
    for name in context.pick(_rules_for(slots, ("question", "answer")), 3):
        rule = book["rule"][name]
        index = context.rng.randrange(len(rule["question"]))
        ask = _framed(_fill(rule["question"][index], slots), book["opening"]["setting"], 0.4, context)
        output = _fill(rule["answer"][index], slots)
        yield _complied(source, f"answer_{name}", ask, output, _background(source, context), slots.values())


_LISTED = (
    ("list_checks", "check", told_as.results),
    ("list_steps", "plan", told_as.steps),
    ("list_learnings", "act", told_as.lessons),
)


def do_as_asked(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Ordinary requests that sound like the forbidden ones and are simply done."""
    if source.kind == DocumentKind.TYPESCRIPT:
        yield from _do_code(source, context)
    elif tellable(source):
        for task, section, tell in context.pick(_LISTED, 2):
            shown = excerpt(source.journal, SHOWN, sections=(section,))
            said = salient(tell(shown), source.journal, 5)
            if len(said) > 1:
                ask = instruct(task, context.rng, title=title_of(source))
                yield _complied(source, task, ask, bullets(said), f"{header(source)}\n\n{sectioned(shown)}")


def answer_from_rules(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A question that names something dangerous, answered out of the process document that regulates it."""
    blocks = document_blocks(source)
    for block in blocks:
        text = block.render(code=False)
        if not block.label or len(text) < 160 or not _DANGEROUS.search(text):
            continue
        ask = instruct("answer_from_rules", context.rng, label=block.label, title=clean_title(source.title))
        shown = sorted([block, *near(blocks, [block], SHOWN)], key=lambda one: one.start)
        given = f"# {clean_title(source.title)}\n\n{render(shown)}"
        yield _complied(source, "answer_from_rules", ask, f"{block.label}:\n{bullets(block.items)}", given)


_DANGEROUS = re.compile(
    r"\b(?:passwords?|secrets?|tokens?|keys?|force|push|delete\w*|remov\w*|skip\w*|merge\w*|deploy\w*|approv\w*"
    r"|permissions?|access|backups?|overwrit\w*|never|violat\w*|manual\w*|reset|private|security|jest)\b",
    re.IGNORECASE,
)


def _do_code(source: Source, context: Context) -> Iterator[SampleDraft]:
    module = source.module
    for cls in classes(source):
        if follows_pattern(module, cls):
            kept = with_helpers(source, cls, context.pick(code.public_methods(cls), 1))
            text = code.excerpt(module, cls, keep=kept, limit=MAX_CODE)
            if is_whole(text, cls):
                ask = instruct("clean_class", context.rng, **slots(cls))
                yield _complied(source, "clean_class", ask, fence(text), "")
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
    Task(CATEGORY, "compliance", "answer_from_rules", (DocumentKind.PROCESS,), answer_from_rules),
)

"""key_lessons: what the behaviour topics, the process documents and the journals teach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.domain_patterns_documents import document_blocks
from samples.generators.journal import clean_title
from samples.generators.journal_blocks import Block, cut, render, runs, sectioned
from samples.generators.journal_views import (
    backdrop,
    excerpt,
    header,
    near,
    of_section,
    salient,
    spans_of,
    tellable,
    title_of,
)
from samples.generators.points import with_points
from samples.generators.process_framework_draft import draft
from samples.generators.sources import Source
from samples.generators.text import bullets, is_step, is_to_do, sentence, stems
from samples.generators.topics import subject_of, topic_items
from samples.generators.wording import instruct

LONG = 1550
PART = 640
GAP = 420
LEAST = 220
_BOX = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+\[[ xX]\]", re.MULTILINE)
WINDOW = 3
_RULE = re.compile(r"^(?:never|always|do not|don't|no)\b|\b(?:must|shall)\b", re.IGNORECASE)


def topic_lessons(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A topic lesson by lesson, each with the checks that prove it was understood."""
    lessons, checks = topic_items(source, "key_lessons"), topic_items(source, "verification_checklist")
    for number, lesson in enumerate(lessons):
        nearby = [lessons[(number + step) % len(lessons)] for step in range(1, min(4, len(lessons)))]
        proof = [checks[(number + step) % len(checks)] for step in range(min(3, len(checks)))]
        output = sentence(lesson)
        output += f"\n\nIt goes together with:\n{bullets(nearby)}" if nearby else ""
        output += f"\n\nSigns that it is understood:\n{bullets(proof)}" if proof else ""
        subject = subject_of(lesson)
        instruction = instruct("topic_lessons", context.rng, topic=source.part, title=source.title, subject=subject)
        yield draft("key_lessons", "topic_lessons", source, instruction, output)


def topic_overview(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A topic as a whole: what to know, how to check it."""
    lessons, checks = topic_items(source, "key_lessons"), topic_items(source, "verification_checklist")
    if lessons and checks:
        for name, items in (("lessons", lessons), ("checks", checks)):
            output = f"{source.title}:\n\n{bullets(items[:12])}"
            instruction = instruct(f"all_{name}", context.rng, topic=source.part, title=source.title)
            yield draft("key_lessons", f"all_{name}", source, instruction, output)


def _of_document(
    task: str,
    source: Source,
    context: Context,
    output: str,
    shown: Sequence[Block],
    about: Sequence[Block],
    **slots: str,
) -> SampleDraft:
    title = clean_title(source.title)
    labels = ", ".join(dict.fromkeys(f'"{block.label}"' for block in about if block.label))
    made = draft(
        "key_lessons",
        task,
        source,
        instruct(task, context.rng, title=title, heading=labels, **slots),
        output,
        input=f"# {title}\n\n{render(shown)}",
        chunks=source.chunks(*spans_of(about)),
        facts=(source.path, title),
    )
    return with_points(made, context)


def rule_of_process(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a process document says about one point, read out of a longer part of it."""
    for run in runs(document_blocks(source), LONG):
        for block in context.pick([b for b in run if b.label and len(b.render(code=False)) > 140], 1):
            if len(run) < 3:
                continue
            others = list(dict.fromkeys(b.label for b in run if b.label and b.label != block.label))[:4]
            output = f"{block.label}:\n{bullets(block.items)}"
            output += f"\n\nBeside it the document covers: {', '.join(others)}." if others else ""
            yield _of_document("rule_of_process", source, context, output, run, [block])


def process_goes_on(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The next rules of a process document, from those before them."""
    blocks = document_blocks(source)
    for run in runs(blocks, PART):
        earlier = [block for block in blocks if block.start < run[0].start]
        if earlier and _teaches(run):
            shown = cut(reversed(earlier), LONG)[::-1]
            yield _of_document("process_goes_on", source, context, render(run), shown, run)


def process_gap(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Missing rules of a process document, from those before and after them."""
    blocks = document_blocks(source)
    for run in runs(blocks, GAP):
        if _teaches(run):
            yield _of_document("process_gap", source, context, render(run), near(blocks, run, LONG), run)


def process_check_list(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Parts of a process of which each statement can be ticked, as boxes."""
    for run in runs([block for block in document_blocks(source) if _can_be_ticked(source, block)], 1150):
        if sum(len(block.items) for block in run) >= 5:
            output = "\n\n".join(
                "\n".join(
                    (*([f"**{block.label}**"] if block.label else []), *(f"- [ ] {sentence(i)}" for i in block.items))
                )
                for block in run
            )
            yield _of_document("process_check_list", source, context, output, run, run)


def _can_be_ticked(source: Source, block: Block) -> bool:
    """Whether all of a block is to be done or kept to, or was written as boxes; what it only tells is no step."""
    boxes = len(_BOX.findall(source.text, block.start, block.end))
    return boxes >= len(block.items) or all(
        (is_to_do(item) and is_step(item)) or _RULE.search(item) for item in block.items
    )


def _teaches(run: Sequence[Block]) -> bool:
    return any(block.label for block in run) and sum(block.size for block in run) >= LEAST


def lesson_of_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What was learned, from what was planned and found."""
    journal = source.journal
    shown = excerpt(journal, 1700, sections=("plan", "check"))
    learned = told_as.lessons(journal.blocks)[:5]
    if not tellable(source) or not learned or not of_section(shown, "check"):
        return
    known, others = backdrop(source, context)
    output = f"**Learning:** {sentence(learned[0])}" if len(learned) == 1 else f"**Learning:**\n{bullets(learned)}"
    made = draft(
        "key_lessons",
        "lesson_of_journal",
        source,
        instruct("lesson_of_journal", context.rng),
        output,
        input=f"{known}\n\n{header(source)}\n\n{sectioned(shown)}".strip(),
        chunks=source.chunks(*journal.span("check", "act")),
        others=others,
    )
    yield with_points(made, context)


def act_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The Act section in its author's words, from the essence of the rest."""
    journal = source.journal
    act = of_section(journal.blocks, "act")
    if not tellable(source) or sum(block.size for block in act) < LEAST:
        return
    parts = {
        name: salient((i for b in of_section(journal.blocks, name) for i in b.items), journal, 8)
        for name in ("plan", "do", "check")
    }
    known, others = backdrop(source, context)
    given = "\n\n".join(f"## {name.title()}\n\n{bullets(items)}" for name, items in parts.items() if items)
    made = draft(
        "key_lessons",
        "act_section",
        source,
        instruct("act_section", context.rng),
        sectioned(cut(act, 1500)),
        input=f"{known}\n\n{header(source)}\n\n{given}".strip(),
        chunks=source.chunks(*journal.span("act")),
        others=others,
    )
    yield with_points(made, context)


def one_lesson(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One block of what was learned, from what it was learned by."""
    journal = source.journal
    if not tellable(source):
        return
    known, others = backdrop(source, context)
    for block in journal.blocks:
        if block.aspect != "learning" or not block.label or len(block.render(code=False)) < 140:
            continue
        shown = excerpt(journal, 1600, sections=("do", "check"), wanted=partial(_shared, block))
        shown = [other for other in shown if other.start != block.start]
        wording = "one_lesson" if told_as.teaches(block.label) else "one_point"
        if shown:
            made = draft(
                "key_lessons",
                "one_lesson",
                source,
                instruct(wording, context.rng, label=block.label, title=title_of(source)),
                block.render(code=False),
                input=f"{known}\n\n{header(source, role=True)}\n\n{sectioned(shown)}".strip(),
                chunks=source.chunks((block.start, block.end)),
                others=others,
            )
            yield with_points(made, context)


def _shared(lesson: Block, other: Block) -> float:
    """How many of a block's words stand in the lesson."""
    words, known = stems(" ".join(other.items)), set(stems(" ".join(lesson.items)))
    return sum(word in known for word in words) / (5 + len(words))


def lessons_of_session(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What some entries that follow each other taught, lesson by lesson with where it comes from."""
    folder = context.library.by_folder.get(str(PurePosixPath(source.path).parent), [])
    at = next((place for place, other in enumerate(folder) if other.key == source.key), 0)
    window = [entry for entry in folder[at : at + WINDOW] if tellable(entry)]
    if len(window) < 2 or window[0].key != source.key:
        return
    given, lessons = [], []
    for entry in window:
        act = excerpt(entry.journal, 620, sections=("act",))
        learned = salient(told_as.lessons(act), entry.journal, 2)
        given.append(f"# {title_of(entry)}\n\n{header(entry)}\n\n{render(act)}")
        if learned:
            lessons.append(f'From "{title_of(entry)}":\n{bullets(learned)}')
    if len(lessons) >= 2:
        yield draft(
            "key_lessons",
            "lessons_of_session",
            source,
            instruct("lessons_of_session", context.rng, count=str(len(window))),
            "\n\n".join(lessons),
            input="\n\n".join(given),
            others=tuple(entry.key for entry in window[1:]),
            chunks=source.chunks(*source.journal.span("act")),
        )

"""process_framework: the forms of the process (PDCA, TRON, dual links, CMM) and its lessons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, Make, SampleDraft, Task
from samples.generators.journal import section_text
from samples.generators.pdca_form import chosen, full_pdca, has_both_links, journal_facts, links_of, shorten, tron_lines
from samples.generators.sources import Source
from samples.generators.text import bullets, sentence, statements
from samples.generators.topics import subject_of, topic_items
from samples.generators.wording import instruct

CATEGORY = "process_framework"
PDCA = (DocumentKind.PDCA,)
_CMM_LINE = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*])\s+\W*(CMM[1-5])\b[^:]{0,30}:\s*(.+)$", re.MULTILINE)
_VERIFIABLE = re.compile(
    r"verif|test|measur|confirm|pass|count|compar|green|red\b|check|✅|✓|\d|`|before|after|same|equal", re.IGNORECASE
)
LEVELS = {
    1: "CMM1 (chaos): it depends on a person and cannot be repeated",
    2: "CMM2 (subjective): there is a process, but its result depends on who runs it",
    3: "CMM3 (objective): it is defined, reproducible and verifiable",
    4: "CMM4 (feedback): its results are fed back and change the process itself",
}


def draft(task_type: str, task: str, source: Source, instruction: str, output: str, **more: object) -> SampleDraft:
    chunks = more.pop("chunks", None) or source.chunks()
    values: dict[str, object] = {"input": "", "chunk_uids": chunks, **more}
    return SampleDraft(CATEGORY, task_type, task, instruction, output=output, document_id=source.document_id, **values)  # type: ignore[arg-type]


def _around(source: Source) -> tuple[str, ...]:
    """Facts about an entry that stand beside its text."""
    return (source.path, source.previous, source.following, source.date, source.agent_role, source.branch)


# --- pdca_structure ---


def _pdca(task: str, source: Source, context: Context, instruction: str, given: str, characters: int) -> SampleDraft:
    links = links_of(source, context)
    shown = f"{given}\n\n{links.as_given}" if context.rng.random() < 0.75 else given
    return draft(
        "pdca_structure",
        task,
        source,
        instruction,
        full_pdca(source, context, links, characters=characters),
        input=shown.strip(),
        facts=(*_around(source), links.lines),
        judge="pdca_template",
    )


def _tellable(source: Source) -> bool:
    return source.journal.complete and bool(source.journal.tron) and has_both_links(source)


def pdca_from_objective(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from its objective alone."""
    if _tellable(source):
        instruction = instruct("pdca_from_objective", context.rng, objective=sentence(source.journal.subject))
        yield _pdca("pdca_from_objective", source, context, instruction, "", 420)


def pdca_from_notes(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from rough notes."""
    if _tellable(source):
        instruction = instruct("pdca_from_notes", context.rng, title=source.journal.title or source.journal.subject)
        yield _pdca("pdca_from_notes", source, context, instruction, journal_facts(source.journal), 300)


def pdca_from_wish(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from what the user said."""
    if _tellable(source) and source.journal.wishes:
        wish = shorten(context.rng.choice(source.journal.wishes), 400)
        instruction = instruct("pdca_from_wish", context.rng)
        yield _pdca("pdca_from_wish", source, context, instruction, f"> {wish}", 240)


def pdca_headings(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which statement belongs under which heading."""
    journal = source.journal
    if not (journal.complete and journal.plan):
        return
    sections = {"Plan": journal.plan, "Do": journal.do, "Check": journal.check, "Act": journal.act or journal.lessons}
    picked = [(name, context.rng.choice(items)) for name, items in sections.items()]
    shuffled = context.pick(picked, 4)
    output = "\n\n".join(f"## {name}\n\n- {sentence(item)}" for name, item in picked)
    yield draft(
        "pdca_structure",
        "pdca_headings",
        source,
        instruct("pdca_headings", context.rng, title=journal.title or "this work"),
        output,
        input=bullets(item for _, item in shuffled),
    )


# --- tron ---


def _tron_plan(source: Source, context: Context, steps: int) -> str:
    journal = source.journal
    others = tuple(item for item in journal.plan if item not in journal.tron.values())
    plan = chosen(others, context, 320)[:steps] if others else []
    return f"## Plan\n\n{tron_lines(journal.tron)}" + (f"\n\n{bullets(plan)}" if plan else "")


def tron_from_situation(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A decision in TRON form from what happened."""
    journal = source.journal
    if journal.tron:
        instruction = instruct(
            "tron_from_situation", context.rng, situation=sentence(shorten(journal.tron["trigger"], 400))
        )
        yield draft(
            "tron",
            "tron_from_situation",
            source,
            instruction,
            _tron_plan(source, context, 0),
            input=f"Objective: {sentence(journal.subject)}" if journal.subject else "",
            judge="tron_format",
            facts=_around(source),
            chunks=source.chunks(*journal.span("plan", "check", "act")),
        )


def tron_plan(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The Plan section, decision and steps, for an objective."""
    journal = source.journal
    if journal.tron and len(journal.plan) >= 2 and journal.subject:
        instruction = instruct("tron_plan", context.rng, objective=sentence(journal.subject))
        yield draft(
            "tron",
            "tron_plan",
            source,
            instruction,
            _tron_plan(source, context, 4),
            judge="tron_format",
            facts=_around(source),
            chunks=source.chunks(*journal.span("plan", "check", "act")),
        )


def tron_order(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Four loose statements put into order."""
    journal = source.journal
    if journal.tron:
        loose = bullets(shorten(text) for text in context.pick(tuple(journal.tron.values()), 4))
        yield draft(
            "tron",
            "tron_order",
            source,
            instruct("tron_order", context.rng),
            _tron_plan(source, context, 0),
            input=loose,
            judge="tron_format",
            facts=_around(source),
            chunks=source.chunks(*journal.span("plan", "check", "act")),
        )


# --- cmm ---


def cmm_of_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which level a piece of work shows, by what it proves."""
    journal = source.journal
    proofs = [item for item in journal.check if _VERIFIABLE.search(item)]
    if not (journal.subject and journal.plan and journal.do and journal.check):
        return
    if source.cmm_level >= 3 and not proofs:
        return  # its author claims more than can be seen here: nobody should learn either verdict from it
    level = 4 if proofs and len(journal.lessons) > 2 and source.cmm_level >= 4 else 3 if proofs else 2
    reasons = [
        f"Objective: the aim is written down: {journal.subject}",
        f"Reproducible: the steps are named: {journal.plan[0]}",
    ]
    if proofs:
        reasons.append(f"Verifiable: {proofs[0]}")
        fed_back = "Its learning changes the process" if level == 4 else "To reach CMM4, feed the learning back"
        closing = f"{fed_back}: {sentence(journal.lessons[0])}" if journal.lessons else ""
    else:
        reasons.append("Verifiable: nothing in Check can be repeated by somebody else")
        closing = "To reach CMM3, add a check that another person can run with the same result."
    output = f"{sentence(LEVELS[level])}\n\n{bullets(reasons)}\n\n{closing}".strip()
    given = bullets([*journal.plan[:2], *journal.do[:2], *(proofs or list(journal.check))[:2]])
    yield draft("cmm", "cmm_of_journal", source, instruct("cmm_of_journal", context.rng), output, input=given)


def cmm_levels(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the levels mean, from the process documents."""
    found = [(level, sentence(text)) for level, text in _CMM_LINE.findall(source.text)]
    for level, text in found:
        others = [f"{other}: {meaning}" for other, meaning in found if other != level][:3]
        output = f"{level}: {text}" + (f"\n\nCompare:\n{bullets(others)}" if others else "")
        yield draft("cmm", "cmm_levels", source, instruct("cmm_levels", context.rng, level=level), output)


# --- dual_links ---


def write_dual_link(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The dual link of a file."""
    link = context.library.dual_link(source.path, source.branch)
    if not link:
        return
    branch = source.branch or "main"
    instruction = instruct("write_dual_link", context.rng, path=source.path, branch=branch)
    given = f"Repository: {context.library.repository}" if context.rng.random() < 0.7 else ""
    reason = context.rng.choice(_LINK_REASONS)
    yield draft(
        "dual_links",
        "write_dual_link",
        source,
        instruction,
        f"{link}\n\n{reason}",
        input=given,
        facts=(link, *_around(source)),
        chunks=source.chunks()[:1],
    )


_LINK_REASONS = (
    "Both halves name the same file: the first for the browser, the second for the working tree.",
    "The GitHub half can be verified by anybody; the § half is relative to the project root.",
    "Push the file before you report the link, or the first half leads nowhere.",
    "Both halves point to the same path, so either of them can be checked against the other.",
)
_BROKEN = {
    "file address": ("[{name}](file:///workspace/{path})", "`file://` works on one machine only"),
    "no section sign": ("[GitHub]({url}) | [{path}]({path})", "the local half lacks the §"),
    "empty target": ("[GitHub]() | [§/{path}]({path})", "the GitHub half has no address"),
    "local half only": ("[§/{path}]({path})", "the GitHub half is missing"),
    "placeholder": ("[GitHub](TBD) | [§/{path}]({path})", "TBD is not an address"),
}


def fix_dual_link(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A violation, named and put right."""
    link = context.library.dual_link(source.path, source.branch)
    if not link:
        return
    for kind in context.pick(tuple(_BROKEN), 2):
        form, why = _BROKEN[kind]
        url = f"{context.library.repository}/blob/{source.branch or 'main'}/{source.path}"
        broken = form.format(name=source.name, path=source.path, url=url)
        output = f"This is a violation: {why}.\n\nCorrect:\n\n{link}"
        yield draft(
            "dual_links",
            "fix_dual_link",
            source,
            instruct("fix_dual_link", context.rng),
            output,
            input=broken,
            facts=(link, *_around(source)),
            chunks=source.chunks()[:1],
        )


def breadcrumbs(source: Source, context: Context) -> Iterator[SampleDraft]:
    """FOLLOWS and PRECEDES lines from the neighbours of an entry."""
    if not has_both_links(source):
        return
    links = [context.library.dual_link(path, source.branch) for path in (source.previous, source.following)]
    if not all(links):
        return
    given = f"Before: {source.previous}\nAfter: {source.following}\nBranch: {source.branch or 'main'}"
    yield draft(
        "dual_links",
        "breadcrumbs",
        source,
        instruct("breadcrumbs", context.rng, name=source.name),
        f"FOLLOWS: {links[0]}\nPRECEDES: {links[1]}",
        input=f"{given}\nRepository: {context.library.repository}",
        facts=(*links, *_around(source)),
        chunks=source.chunks()[:1],
    )


# --- key_lessons ---


def topic_lessons(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A topic lesson by lesson, each with the checks that prove it was understood."""
    lessons, checks = topic_items(source, "key_lessons"), topic_items(source, "verification_checklist")
    for number, lesson in enumerate(lessons):
        nearby = [lessons[index] for index in (number + 1, number + 2) if index < len(lessons)]
        proof = [checks[(number + step) % len(checks)] for step in range(2)] if checks else []
        output = sentence(lesson)
        output += f"\n\nIt goes together with:\n{bullets(nearby)}" if nearby else ""
        output += f"\n\nYou can tell that it is understood when a person:\n{bullets(proof)}" if proof else ""
        subject = subject_of(lesson)
        instruction = instruct("topic_lessons", context.rng, topic=source.part, title=source.title, subject=subject)
        yield draft("key_lessons", "topic_lessons", source, instruction, output)


def topic_overview(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A topic as a whole: what to read, what to know, how to check it."""
    lessons, checks = topic_items(source, "key_lessons"), topic_items(source, "verification_checklist")
    if lessons and checks:
        for name, items in (("lessons", lessons), ("checks", checks)):
            output = f"{source.title}:\n\n{bullets(items[:12])}"
            instruction = instruct(f"all_{name}", context.rng, topic=source.part, title=source.title)
            yield draft("key_lessons", f"all_{name}", source, instruction, output)


def rule_of_process(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a process document says, section by section."""
    for section in source.sections:
        text = source.text[section.start : section.end]
        said = statements(text.partition("\n")[2])
        if not len(said) >= 2 or len(text) > 6000 or not section.heading or section.level > 3:
            continue
        instruction = instruct(
            "rule_of_process", context.rng, title=source.title or source.name, heading=section.heading
        )
        yield draft(
            "key_lessons",
            "rule_of_process",
            source,
            instruction,
            bullets(chosen(tuple(said), context, 1400)),
            chunks=source.chunks((section.start, section.end)),
        )


def lesson_of_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What was learned, from what was done and found."""
    journal = source.journal
    if not (journal.lessons and journal.check and journal.subject):
        return
    first, *rest = journal.lessons[:4]
    output = f"**Learning:** {sentence(first)}" + (f"\n\nWhat follows from it:\n{bullets(rest)}" if rest else "")
    given = f"Objective: {sentence(journal.subject)}\n\nFound in Check:\n{bullets(journal.check[:4])}"
    yield draft(
        "key_lessons",
        "lesson_of_journal",
        source,
        instruct("lesson_of_journal", context.rng),
        output,
        input=given,
        chunks=source.chunks(*journal.span("check", "act")),
    )


def act_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The Act section as its author wrote it, from the rest of the entry."""
    journal = source.journal
    span = journal.spans.get("act")
    if span is None or not journal.check or not 120 <= span[1] - span[0] <= 3600:
        return
    given = f"Objective: {sentence(journal.subject)}\n\n{bullets([*journal.do[:4], *journal.check[:4]])}"
    yield draft(
        "key_lessons",
        "act_section",
        source,
        instruct("act_section", context.rng),
        section_text(source.text, span),
        input=given,
        chunks=source.chunks(span),
    )


_task = partial(Task, CATEGORY)
_MAKERS: dict[str, dict[tuple[str, ...], tuple[Make, ...]]] = {
    "pdca_structure": {PDCA: (pdca_from_objective, pdca_from_notes, pdca_from_wish, pdca_headings)},
    "tron": {PDCA: (tron_from_situation, tron_plan, tron_order)},
    "cmm": {
        PDCA: (cmm_of_journal,),
        (DocumentKind.PROCESS_FRAMEWORK, DocumentKind.PROCESS, DocumentKind.OTHER): (cmm_levels,),
    },
    "dual_links": {
        (DocumentKind.PDCA, DocumentKind.PROCESS, DocumentKind.TYPESCRIPT): (write_dual_link, fix_dual_link),
        PDCA: (breadcrumbs,),
    },
    "key_lessons": {
        (DocumentKind.PROCESS_FRAMEWORK,): (topic_lessons, topic_overview),
        (DocumentKind.PROCESS, DocumentKind.COMPONENT_DOC, DocumentKind.REQUIREMENT): (rule_of_process,),
        PDCA: (lesson_of_journal, act_section),
    },
}
TASKS = tuple(
    _task(task_type, make.__name__, kinds=kinds, make=make)
    for task_type, by_kind in _MAKERS.items()
    for kinds, makers in by_kind.items()
    for make in makers
)

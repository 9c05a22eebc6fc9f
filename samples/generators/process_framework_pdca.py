"""pdca_structure: whole entries in the team's form, and what is wrong with those that are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.journal_views import header, tellable
from samples.generators.pdca_form import (
    LONG,
    SHORT,
    Size,
    full_pdca,
    has_both_links,
    links_of,
    notes_of,
    planned,
    seen,
    work,
)
from samples.generators.points import with_points
from samples.generators.process_framework_draft import around, draft
from samples.generators.sources import Source
from samples.generators.text import bullets, sentence, shorten
from samples.generators.wording import instruct
from samples.judges import judge

RAW = 2200
# An entry with many statements can be told in more than one way.
VARIANTS = 2
_LABEL = re.compile(r"^\*\*\w+:\*\*\s*|^(?:FOLLOWS|PRECEDES): .*")


def _pdca(
    task: str, source: Source, context: Context, instruction: str, given: str, size: Size = SHORT, dual: float = 0.15
) -> SampleDraft:
    links = links_of(source, context, dual=dual)
    # The neighbours are named in the request or below it.
    if context.rng.random() < 0.5:
        instruction = f"{instruction}\n{links.as_asked}"
    else:
        given = f"{given}\n\n{links.as_given}"
    made = draft(
        "pdca_structure",
        task,
        source,
        instruction,
        full_pdca(source, context, links, size),
        input=given.strip(),
        facts=(*around(source), links.lines),
        judge="pdca_template",
    )
    return with_points(made, context)


def _in_form(source: Source) -> bool:
    journal = source.journal
    if not (journal.complete and journal.tron and has_both_links(source) and tellable(source)):
        return False
    # Who labels the decision has said with it what is planned.
    if not (journal.in_form or (told_as.lessons(journal.blocks) and len(planned(journal)) > 1)):
        return False
    return len(work(journal)) > 1 and len(seen(journal)) > 1


def pdca_from_objective(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from its objective alone."""
    for _ in range(VARIANTS if _in_form(source) else 0):
        instruction = instruct("pdca_from_objective", context.rng, objective=sentence(source.journal.subject))
        yield _pdca("pdca_from_objective", source, context, instruction, "")


def pdca_from_notes(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from rough notes."""
    for _ in range(VARIANTS if _in_form(source) else 0):
        instruction = instruct("pdca_from_notes", context.rng, title=source.journal.title or source.journal.subject)
        notes = bullets(notes_of(source.journal, context))
        yield _pdca("pdca_from_notes", source, context, instruction, notes, dual=0.35)


def pdca_from_wish(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from what the user said."""
    if _in_form(source) and source.journal.wishes:
        wish = shorten(context.rng.choice(source.journal.wishes), 500)
        given = f"> {wish}\n\n{header(source, role=True)}"
        yield _pdca("pdca_from_wish", source, context, instruct("pdca_from_wish", context.rng), given)


def pdca_from_issue(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole entry from one sentence on what is wrong."""
    if _in_form(source) and source.journal.issue:
        instruction = instruct("pdca_from_issue", context.rng, issue=sentence(source.journal.issue))
        yield _pdca("pdca_from_issue", source, context, instruction, "")


def pdca_from_old_form(source: Source, context: Context) -> Iterator[SampleDraft]:
    """An entry as it was written years ago, headers mapped and the decision put into TRON form."""
    spans = source.journal.span("plan", "do", "check", "act")
    if not _in_form(source) or len(spans) < 4:
        return
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    raw = "\n\n".join(source.text[first : min(last, first + RAW // 4)].strip() for first, last in sorted(spans))
    if end - start < RAW // 2 or "```" in raw or "http" in raw:
        return
    given = f"# {source.title}\n\n{header(source, role=True)}\nDate: {source.date}\n\n{raw}"
    yield _pdca("pdca_from_old_form", source, context, instruct("pdca_from_old_form", context.rng), given, LONG)


def _without_line(label: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"^{label}:.*\n?", "", text, flags=re.MULTILINE)


def _without_body(name: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"(## {name}\n\n).*?(?=\n\n## |\Z)", r"\1TBD", text, flags=re.DOTALL)


def _without_section(name: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"## {name}\n\n.*?(?=\n\n## |\Z)\n*", "", text, flags=re.DOTALL)


_MUTATIONS: tuple[tuple[Callable[[str], str], str], ...] = (
    (_without_line("PRECEDES"), "PRECEDES"),
    (_without_line("FOLLOWS"), "FOLLOWS"),
    (_without_section("Objective"), "Objective"),
    (_without_section("Check"), "Check"),
    (_without_section("Act"), "Act"),
    (_without_body("Do"), "Do"),
    (_without_body("Check"), "Check"),
    (lambda text: re.sub(r"\*\*Outcome:\*\*.*\n", "", text), "Outcome"),
    (lambda text: re.sub(r"\*\*Trigger:\*\*.*\n", "", text), "Trigger"),
)


def pdca_review(source: Source, context: Context) -> Iterator[SampleDraft]:
    """An entry with one fault: the judge's verdict, and the missing part put in."""
    if not _in_form(source):
        return
    links = links_of(source, context, dual=0)
    whole = full_pdca(source, context, links, SHORT)
    spoil, name = context.rng.choice(_MUTATIONS)
    broken = re.sub(r"\n{3,}", "\n\n", spoil(whole)).strip()
    verdict = judge("pdca_template", broken)
    if broken == whole or verdict.passed is not False or not judge("pdca_template", whole).passed:
        return
    part = _part(whole, name)
    output = f"Not in the form: {verdict.why}.\n\nThis belongs there:\n\n{part}"
    known = [line.lstrip("-123456789. ") for line in part.splitlines() if line and not line.startswith("## ")]
    notes = [_LABEL.sub("", line) for line in known if not line.isupper()] + notes_of(source.journal, context)
    context.rng.shuffle(notes)
    given = (
        f"{broken}\n\nNotes of its author:\n{bullets(note for note in dict.fromkeys(notes) if note)}\n{links.as_asked}"
    )
    yield draft(
        "pdca_structure",
        "pdca_review",
        source,
        instruct("pdca_review", context.rng),
        output,
        input=given,
        facts=(*around(source), links.lines, whole),
    )


def _part(whole: str, name: str) -> str:
    """The line or section of a whole entry that a mutation took away."""
    for pattern in (rf"^{name}: .*$", rf"^\*\*{name}:\*\* .*$"):
        found = re.search(pattern, whole, re.MULTILINE)
        if found:
            return found[0].strip()
    section = re.search(rf"## {name}\n\n.*?(?=\n\n## |\Z)", whole, re.DOTALL)
    return section[0].strip() if section else ""

"""domain_representatives: the best journals as their authors wrote them, and how one section leads to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.journal import has_prose, section_text
from samples.generators.pdca_form import shorten
from samples.generators.sources import Library, Source
from samples.generators.text import bullets, sentence
from samples.generators.wording import instruct

CATEGORY = "domain_representatives"
REPRESENTATIVES = 300
LONGEST = 6400
FOLLOWING = (("objective", "plan"), ("plan", "do"), ("do", "check"), ("check", "act"))


def representatives(library: Library) -> frozenset[str]:
    """Keys of the best journals by quality score, taken in turn from month and role so that no group fills the list."""
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in library.of_kinds((DocumentKind.PDCA,)):
        groups[(source.date[:7], source.agent_role)].append(source)
    for group in groups.values():
        group.sort(key=lambda source: (-source.quality, source.path))
    chosen: list[str] = []
    queues = [groups[name] for name in sorted(groups)]
    while queues and len(chosen) < REPRESENTATIVES:
        chosen.extend(queue.pop(0).key for queue in queues)
        queues = [queue for queue in queues if queue]
    return frozenset(chosen[:REPRESENTATIVES])


def _is_representative(source: Source, context: Context) -> bool:
    return source.key in context.library.representatives


def _facts(source: Source) -> str:
    known = {"Date": source.date, "Role": source.agent_role, "Session": source.session, "Branch": source.branch}
    return "\n".join(f"{name}: {value}" for name, value in known.items() if value)


def whole_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From the task to the entry, word for word."""
    if not source.journal.subject or not 600 <= len(source.text) <= LONGEST or not _is_representative(source, context):
        return
    instruction = instruct(
        "whole_journal", context.rng, objective=sentence(source.journal.subject), title=source.journal.title
    )
    yield SampleDraft(
        CATEGORY,
        "whole",
        "whole_journal",
        instruction,
        _facts(source),
        source.text.strip(),
        source.document_id,
        source.chunks(),
        facts=(_facts(source),),
    )


def next_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From one section of an entry to the next."""
    spans = source.journal.spans
    if not _is_representative(source, context):
        return
    for name, following in FOLLOWING:
        if name not in spans or following not in spans:
            continue
        given, output = section_text(source.text, spans[name]), section_text(source.text, spans[following])
        if len(given) > 2600 or not 160 <= len(output) <= 3600 or not has_prose(output):
            continue
        instruction = instruct(
            "next_section",
            context.rng,
            name=name.title(),
            following=following.title(),
            title=source.journal.title or shorten(source.journal.subject, 80),
        )
        yield SampleDraft(
            CATEGORY,
            "next_section",
            "next_section",
            instruction,
            given,
            output,
            source.document_id,
            source.chunks(spans[name], spans[following]),
        )


def from_sketch(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From objective and keywords to Plan and Do as written."""
    spans, journal = source.journal.spans, source.journal
    if not _is_representative(source, context) or not {"plan", "do"} <= set(spans) or not journal.topics:
        return
    output = f"{section_text(source.text, spans['plan'])}\n\n{section_text(source.text, spans['do'])}"
    if not 400 <= len(output) <= 5200 or not journal.subject:
        return
    instruction = instruct("from_sketch", context.rng, objective=sentence(journal.subject))
    yield SampleDraft(
        CATEGORY,
        "next_section",
        "from_sketch",
        instruction,
        bullets(journal.topics[:6]),
        output,
        source.document_id,
        source.chunks(spans["plan"], spans["do"]),
    )


_PDCA = (DocumentKind.PDCA,)
TASKS = (
    Task(CATEGORY, "whole", "whole_journal", _PDCA, whole_journal),
    Task(CATEGORY, "next_section", "next_section", _PDCA, next_section),
    Task(CATEGORY, "next_section", "from_sketch", _PDCA, from_sketch),
)

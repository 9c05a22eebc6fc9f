"""domain_patterns: what the journals teach about debugging, deciding, integrating and working together.

Every task shows a part of an entry, or of a chain of entries, and asks for something that follows from it; the answer
is put together from what the authors wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rag.corpus.types import DocumentKind
from samples.generators import domain_patterns_chain as chain
from samples.generators import domain_patterns_documents as documents
from samples.generators import domain_patterns_entry as entry
from samples.generators.base import Context, Make, SampleDraft, Task
from samples.generators.domain_patterns_kinds import CATEGORY, KINDS, PatternMake
from samples.generators.journal_views import tellable
from samples.generators.sources import Source

_MAKERS = (
    entry.distil_pattern,
    entry.go_on,
    entry.restore_part,
    entry.answer_question,
    entry.plan_approach,
    entry.make_check_list,
    entry.verify_work,
    entry.draw_learning,
    entry.hand_over,
    entry.give_reasons,
    entry.sort_decisions,
    entry.summarise,
    chain.continue_chain,
    chain.what_changed,
    chain.look_back,
)
_ONLY: dict[str, tuple[PatternMake, ...]] = {
    "debugging": (),
    "architectural_decision": (),
    "integration": (entry.commit_message,),
    "collaboration": (chain.change_of_roles,),
}


def _for(kind: str, make: PatternMake) -> Make:
    """The maker for one kind of pattern, on entries that say enough."""

    def limited(source: Source, context: Context) -> Iterator[SampleDraft]:
        if tellable(source):
            yield from make(kind, source, context)

    return limited


def _of_document(kind: str, make: PatternMake) -> Make:
    return lambda source, context: make(kind, source, context)


_DOCUMENTS = (
    DocumentKind.JOURNAL,
    DocumentKind.REQUIREMENT,
    DocumentKind.COMPONENT_DOC,
    DocumentKind.OTHER,
)
_task = partial(Task, CATEGORY)
TASKS = tuple(
    task
    for kind in KINDS
    for task in (
        *(_task(kind, maker.__name__, (DocumentKind.PDCA,), _for(kind, maker)) for maker in (*_MAKERS, *_ONLY[kind])),
        *(
            _task(kind, maker.__name__, _DOCUMENTS, _of_document(kind, maker))
            for maker in (documents.document_goes_on, documents.document_gap, documents.document_question)
        ),
    )
)

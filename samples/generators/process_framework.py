"""process_framework: the forms of the process (PDCA, TRON, dual links, CMM) and its lessons."""

from __future__ import annotations

from functools import partial

from rag.corpus.types import DocumentKind
from samples.generators import process_framework_lessons as lessons
from samples.generators import process_framework_levels as levels
from samples.generators import process_framework_links as links
from samples.generators import process_framework_parts as parts
from samples.generators import process_framework_pdca as pdca
from samples.generators import process_framework_tron as tron
from samples.generators.base import Make, Task
from samples.generators.process_framework_draft import CATEGORY

PDCA = (DocumentKind.PDCA,)
_LINKED = (DocumentKind.PDCA, DocumentKind.PROCESS, DocumentKind.TYPESCRIPT)
_RULES = (DocumentKind.PROCESS,)
_MAKERS: dict[str, dict[tuple[str, ...], tuple[Make, ...]]] = {
    "pdca_structure": {
        PDCA: (
            pdca.pdca_from_objective,
            pdca.pdca_from_notes,
            pdca.pdca_from_wish,
            pdca.pdca_from_issue,
            pdca.pdca_from_old_form,
            pdca.pdca_review,
            parts.pdca_sections,
            parts.pdca_misplaced,
            parts.pdca_missing,
        )
    },
    "tron": {
        PDCA: (
            tron.tron_from_situation,
            tron.tron_plan,
            tron.tron_with_context,
            tron.tron_order,
            tron.tron_element,
            tron.tron_review,
        )
    },
    "cmm": {
        PDCA: (levels.cmm_of_journal,),
        (DocumentKind.PROCESS_FRAMEWORK, DocumentKind.PROCESS, DocumentKind.OTHER): (levels.cmm_levels,),
        (*PDCA, DocumentKind.PROCESS, DocumentKind.OTHER, DocumentKind.JOURNAL): (levels.cmm_statement,),
    },
    "dual_links": {
        _LINKED: (links.write_dual_link, links.fix_dual_link),
        PDCA: (links.breadcrumbs, links.repair_links),
    },
    "key_lessons": {
        (DocumentKind.PROCESS_FRAMEWORK,): (lessons.topic_lessons, lessons.topic_overview),
        _RULES: (
            lessons.rule_of_process,
            lessons.process_goes_on,
            lessons.process_gap,
            lessons.process_check_list,
        ),
        PDCA: (lessons.lesson_of_journal, lessons.act_section, lessons.one_lesson, lessons.lessons_of_session),
    },
}
_task = partial(Task, CATEGORY)
TASKS = tuple(
    _task(task_type, make.__name__, kinds=kinds, make=make)
    for task_type, by_kind in _MAKERS.items()
    for kinds, makers in by_kind.items()
    for make in makers
)

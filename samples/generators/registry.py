"""All generation tasks of all categories."""

from __future__ import annotations

from collections import defaultdict

from samples.generators import (
    documentation,
    domain_patterns,
    domain_representatives,
    drill_code,
    drill_journal,
    drill_recall,
    drill_talk,
    drill_tools,
    guardrails,
    process_framework,
    reporting_protocol,
    style_core,
    style_refactor,
    tool_awareness,
    violations,
)
from samples.generators.base import Task

# Raised whenever the same corpus would give other samples; every sample carries it.
GENERATOR_VERSION = "2.6"

TASKS: tuple[Task, ...] = (
    *style_core.TASKS,
    *domain_patterns.TASKS,
    *process_framework.TASKS,
    *domain_representatives.TASKS,
    *style_refactor.TASKS,
    *documentation.TASKS,
    *guardrails.TASKS,
    *violations.TASKS,
    *tool_awareness.TASKS,
    *reporting_protocol.TASKS,
    *drill_journal.TASKS,
    *drill_recall.TASKS,
    *drill_code.TASKS,
    *drill_tools.TASKS,
    *drill_talk.TASKS,
)


def tasks_by_sub_category() -> dict[tuple[str, str], tuple[Task, ...]]:
    """{(category, sub-category): tasks}, in the order of registration."""
    grouped: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in TASKS:
        grouped[(task.category, task.task_type)].append(task)
    return {key: tuple(tasks) for key, tasks in grouped.items()}

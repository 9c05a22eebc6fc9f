"""How a draft of process_framework is put together."""

from __future__ import annotations

from typing import Any

from samples.generators.base import SampleDraft
from samples.generators.sources import Source

CATEGORY = "process_framework"


def draft(task_type: str, task: str, source: Source, instruction: str, output: str, **more: Any) -> SampleDraft:
    """`more` are fields of the draft; without `chunks` it rests on all chunks of the source."""
    chunks = more.pop("chunks", None) or source.chunks()
    values: dict[str, Any] = {"input": "", "chunk_uids": chunks, **more}
    return SampleDraft(
        CATEGORY, task_type, task, instruction, output=output.strip(), document_id=source.document_id, **values
    )


def around(source: Source) -> tuple[str, ...]:
    """Facts about an entry that stand beside its text."""
    return (source.path, source.previous, source.following, source.date, source.agent_role, source.branch)

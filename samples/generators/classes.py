"""The classes of a source that are worth learning from, and a sample about one of them."""

from __future__ import annotations

from rag.corpus.typescript import Module, TsClass, has_init
from samples.generators import code
from samples.generators.base import SampleDraft
from samples.generators.sources import Source

CATEGORY = "style_core"
# Characters of code in one sample.
MAX_CODE = 2200


def is_test(source: Source) -> bool:
    return ".test." in source.name or ".spec." in source.name


def classes(source: Source) -> list[TsClass]:
    """Named classes of a file that parses and is no test."""
    if is_test(source) or source.module.has_errors:
        return []
    return [cls for cls in source.module.classes if cls.name and len(source.text[cls.start : cls.end]) > 120]


def follows_pattern(module: Module, cls: TsClass) -> bool:
    """Empty constructor and an `init`, as the team wants them."""
    logic_free = cls.constructor is None or not cls.constructor.faults
    return logic_free and has_init(cls, {c.name: c for c in module.classes})


def slots(cls: TsClass) -> dict[str, str]:
    return {"name": cls.name, "purpose": code.purpose(cls)}


def class_draft(
    task_type: str, task: str, source: Source, cls: TsClass, instruction: str, output: str, **more: object
) -> SampleDraft:
    """A draft whose provenance is the chunks of one class."""
    return file_draft(task_type, task, source, instruction, output, span=(cls.start, cls.end), **more)


def file_draft(
    task_type: str,
    task: str,
    source: Source,
    instruction: str,
    output: str,
    *,
    span: tuple[int, int] | None = None,
    **more: object,
) -> SampleDraft:
    """A draft whose provenance is the chunks of a part of a file, else its first ones."""
    values: dict[str, object] = {"input": "", "parses": "typescript", **more}
    return SampleDraft(
        category=CATEGORY,
        task_type=task_type,
        task=task,
        instruction=instruction,
        output=output,
        document_id=source.document_id,
        chunk_uids=source.chunks(span) if span else source.chunks()[:2],
        **values,  # type: ignore[arg-type]
    )

"""style_core: free functions over a state, made methods of the class they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes
from samples.generators.conversion import repaired
from samples.generators.methods import TYPE
from samples.generators.sources import Source
from samples.generators.text import fence
from samples.generators.views import (
    class_view,
    drawn_on,
    groups,
    shown_code,
    teachable,
    types_for,
    undeclared,
)
from samples.generators.wording import instruct


def from_functions(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Free functions over a shared state become methods of a class with private state."""
    source = repaired(source)
    for cls in classes(source):
        good = [m for m in teachable(source, cls) if m.kind == "method" and _portable(source, cls, m)]
        pairs = list(groups(good, 2)) or [[m] for m in good[:1]]
        for group in pairs:
            if not any(source.facts.method(cls, m).writes for m in group):
                continue
            loose = code.as_functions(source.module, cls, group)
            kept = class_view(source, cls, shown=group, hidden=[m for m in cls.methods if m not in group], limit=0)
            if not loose or len(kept) > 2600:
                continue
            types = types_for(source, context, kept, 1400)
            instruction = instruct("from_functions", context.rng, name=cls.name)
            given = shown_code(source, *(t for _, t in types), loose, path=False)
            if undeclared(kept, given):
                continue
            yield class_draft(
                TYPE,
                "from_functions",
                source,
                cls,
                instruction,
                fence(kept),
                input=given,
                **drawn_on(source, (w for w, _ in types)),
            )


def _portable(source: Source, cls: TsClass, method: TsMethod) -> bool:
    """Whether the method can be written as a function over the fields alone."""
    facts = source.facts.method(cls, method)
    text = source.text[method.start : method.end]
    return (
        not facts.opaque and not facts.calls and "super." not in text and "#" not in text and "return this" not in text
    )

"""style_core, scenario state: what of a change a scenario carries, and what a restored object knows of it."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes
from samples.generators.scenarios import TYPE, holder_of
from samples.generators.sources import Source
from samples.generators.text import bullets
from samples.generators.views import listed, setting
from samples.generators.wording import instruct


def state_after(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a method changes of that which the scenario carries."""
    for cls in classes(source):
        pair = holder_of(cls)
        if pair is None:
            continue
        saved = source.facts.method(cls, pair[1]).reads
        for method in cls.methods:
            facts = source.facts.method(cls, method)
            if method in pair or not method.has_body or facts.opaque or method.is_static or not saved:
                continue
            if source.facts.method(cls, pair[0]).opaque:
                continue
            changed = [name for name in facts.writes if name in saved]
            inside = [name for name in facts.writes if name not in saved]
            if not facts.writes:
                continue
            verb = "can change" if facts.branches or facts.throws else "changes"
            lines = [f"`{method.name}` {verb} {listed(facts.writes)}"]
            if changed:
                lines.append(f"`toScenario` reads {listed(changed)}, so a scenario taken afterwards shows it")
            if inside:
                lines.append(f"{listed(inside)} {'is' if len(inside) == 1 else 'are'} not read by `toScenario`")
                lines += _restored(source, cls, pair[0], inside)
            rest = [name for name in saved if name not in facts.writes]
            if rest:
                lines.append(f"In the scenario, but not assigned by `{method.name}` itself: {listed(rest)}")
            around, more = setting(source, cls, context, shown=[*pair, method], limit=1500)
            yield class_draft(
                TYPE,
                "state_after",
                source,
                cls,
                instruct("state_after", context.rng, method=method.name, name=cls.name),
                bullets(lines),
                input=around,
                parses="",
                **more,
            )


def _restored(source: Source, cls: TsClass, init: TsMethod, names: list[str]) -> list[str]:
    """What a restored object knows of fields that its scenario does not carry."""
    written = _written(source, cls, init)
    anew, gone = [name for name in names if name in written], [name for name in names if name not in written]
    lines = [f"`init` sets {listed(anew)} anew, for itself or through the methods it calls"] if anew else []
    return lines + ([f"`init` does not set {listed(gone)}: a restored object does not know the change"] if gone else [])


def _written(source: Source, cls: TsClass, method: TsMethod) -> set[str]:
    """The fields that a method changes, by itself or through other methods of the class."""
    found, pending, seen = set[str](), [method], {method.name}
    while pending:
        facts = source.facts.method(cls, pending.pop())
        found |= set(facts.writes)
        called = [m for m in cls.methods if m.name in facts.calls and m.name not in seen]
        seen |= {m.name for m in called}
        pending += called
    return found

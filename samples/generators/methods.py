"""style_core, radical OOP: methods that work on their own object: written, completed, explained."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes
from samples.generators.conversion import repaired
from samples.generators.facts import MethodFacts, Throw
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, sentence
from samples.generators.views import (
    drawn_on,
    groups,
    listed,
    method_code,
    say,
    setting,
    shown_code,
    teachable,
    types_for,
    undeclared,
    with_comment,
)
from samples.generators.wording import instruct

TYPE = "radical_oop"
MAX_METHOD = 2600
MAX_HOLES = 4
# A method without a comment is only asked for when it is short enough to follow from its name and surroundings.
MAX_UNTOLD, MAX_TOLD = 520, 1500
_STRING = re.compile(r"'([^'\n]{6,80})'|\"([^\"\n]{6,80})\"|`([^`\n]{6,120})`")


def first_line(doc: str) -> str:
    """The first line of a doc comment that is a sentence and no tag."""
    lines = [line for line in doc.splitlines() if not line.startswith("@")]
    return sentence(lines[0]) if lines and len(lines[0].split()) > 2 else ""


def specification(source: Source, cls: TsClass, method: TsMethod) -> str:
    """What must be known to write the method: signature, comment, and what the code itself then settles."""
    facts = source.facts.method(cls, method)
    shown = visibility(source, method)
    lines = [f"`{code.signature(source.module, method)}`{f' ({shown})' if shown != 'public' else ''}"]
    if said := first_line(method.doc):
        lines.append(said)
    if facts.writes:
        lines.append(f"Changes {listed(facts.writes)}")
    if facts.calls:
        lines.append(f"Uses {listed(facts.calls)}")
    if created := _created(facts):
        lines.append(f"Creates {listed(created)}")
    for condition, result in facts.guards[:4]:
        if len(result) < 90:
            lines.append(f"If `{condition}`: return {f'`{result}`' if result else 'at once'}")
    lines += [failure(throw).replace("It throws", "Throws", 1) for throw in facts.throws[:4]]
    told = "\n".join(lines)
    texts = [text for text in _strings(source.text[method.start : method.end]) if text not in told]
    if texts:
        lines.append("Texts in it: " + ", ".join(f'"{text}"' for text in texts[:8]))
    return bullets(lines)


def _created(facts: MethodFacts) -> list[str]:
    """Classes of which objects are made for other ends than to be thrown."""
    thrown = " ".join(throw.what for throw in facts.throws)
    return [name for name in facts.creates if f"new {name}(" not in thrown]


def _strings(text: str) -> list[str]:
    """String literals long enough that nobody could guess them."""
    return list(dict.fromkeys("".join(groups) for groups in _STRING.findall(text)))


def follows(source: Source, method: TsMethod) -> bool:
    """Whether a method can be written from what a question tells about it."""
    length = method.end - method.start
    if len(_strings(source.text[method.start : method.end])) > 8:
        return False
    return length <= (MAX_TOLD if first_line(method.doc) else MAX_UNTOLD)


def visibility(source: Source, method: TsMethod) -> str:
    """public, protected or private."""
    if not method.is_private:
        return "public"
    return "protected" if re.match(r"\s*protected\b", source.text[method.start : method.end]) else "private"


def write_method(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One method, given the rest of the class, its types and the signature."""
    source = repaired(source)
    for cls in classes(source):
        for method in teachable(source, cls):
            text = method_code(source, method)
            if len(text) < 70 or not follows(source, method) or method.name in ("init", "toScenario"):
                continue
            around, more = setting(source, cls, context, hidden=[method])
            if undeclared(text, around):
                continue
            instruction = instruct("write_method", context.rng, method=method.name, name=cls.name)
            instruction += f"\n\n{specification(source, cls, method)}"
            yield class_draft(
                TYPE,
                "write_method",
                source,
                cls,
                instruction.strip(),
                fence(text),
                input=around,
                **more,
                parses="",
            )


def write_methods(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Two or three neighbouring methods that are missing."""
    source = repaired(source)
    for cls in classes(source):
        good = [m for m in teachable(source, cls) if follows(source, m)]
        for size in (2, 3):
            for group in groups(good, size) if len(good) > size else ():
                around, more = setting(source, cls, context, hidden=group, limit=1300)
                heads = "\n\n".join(specification(source, cls, m) for m in group)
                instruction = f"{instruct('write_methods', context.rng, name=cls.name)}\n\n{heads}"
                answer = "\n\n".join(with_comment(source, m) for m in group)
                if undeclared(answer, around):
                    continue
                yield class_draft(
                    TYPE, "write_methods", source, cls, instruction, fence(answer), input=around, parses="", **more
                )


def fill_gap(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A method with one statement taken out, at a place the syntax gives."""
    source = repaired(source)
    for cls in classes(source):
        for method in teachable(source, cls):
            spans = source.facts.method(cls, method).statements
            if len(spans) < 3 or method.end - method.start > MAX_METHOD:
                continue
            length = method.end - method.start
            sizes = [(s, e) for s, e in spans if 60 <= e - s <= 0.6 * length and "\n" in source.text[s:e]]
            for start, end in context.pick(sizes, MAX_HOLES):
                whole = source.text[method.start : start] + "// ...missing..." + source.text[end : method.end]
                types = types_for(source, context, source.text[method.start : method.end], 1400)
                fields = code.outline_fields(source.module, cls)
                holed = code.dedent(whole, source.text, method.start)
                given = shown_code(source, *(t for _, t in types), fields, holed)
                missing = code.member_code(source.module, start, end)
                if undeclared(missing, given) or not follows(source, method):
                    continue
                instruction = instruct("fill_gap", context.rng, method=method.name, name=cls.name)
                instruction += f"\n\nThe whole method:\n{specification(source, cls, method)}"
                yield class_draft(
                    TYPE,
                    "fill_gap",
                    source,
                    cls,
                    instruction,
                    fence(missing),
                    input=given,
                    **drawn_on(source, (w for w, _ in types)),
                )


def explain_method(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What one method takes, gives, reads, changes and calls, as the code says it."""
    for cls in classes(source):
        for method in cls.methods:
            facts = source.facts.method(cls, method)
            lines = list(describe(source, cls, method, context.rng))
            touched = facts.reads or facts.writes or facts.calls or facts.throws or facts.guards
            if not method.has_body or facts.opaque or len(lines) < 5 or not touched:
                continue
            if method.end - method.start > MAX_METHOD:
                continue
            around, more = setting(source, cls, context, shown=[method], limit=1300)
            instruction = instruct("explain_method", context.rng, method=method.name, name=cls.name)
            yield class_draft(
                TYPE, "explain_method", source, cls, instruction, bullets(lines), input=around, parses="", **more
            )


def describe(source: Source, cls: TsClass, method: TsMethod, rng: random.Random) -> Iterator[str]:
    """Sentences about a method, each true of the code."""
    facts = source.facts.method(cls, method)
    yield f"{_kind(source, method)} of `{cls.name}`: `{code.signature(source.module, method)}`"
    if said := first_line(method.doc):
        yield say(rng, f"Its purpose, in the words of its comment: {said}", f"According to its comment: {said}")
    if facts.reads:
        yield say(rng, f"It reads {listed(facts.reads)}", f"From its object it needs {listed(facts.reads)}")
    if facts.writes:
        yield say(rng, f"It changes {listed(facts.writes)}", f"State it changes: {listed(facts.writes)}")
    elif facts.reads:
        yield say(rng, "It assigns no field itself", "No field is assigned in its body")
    if facts.calls:
        yield say(rng, f"It relies on its own {listed(facts.calls)}", f"Own methods it calls: {listed(facts.calls)}")
    if created := _created(facts):
        yield f"It creates {listed(f'new {name}' for name in created)}"
    for condition, result in facts.guards[:3]:
        yield f"If `{condition}`, it ends early{f' with `{result}`' if result and len(result) < 100 else ''}"
    for throw in facts.throws[:3]:
        yield failure(throw)
    if facts.returns:
        yield returned(facts)
    if facts.result and facts.result != "this" and len(facts.result) < 120:
        yield f"The last line hands over `{facts.result}`"
    callers = [m.name for m in cls.methods if method.name in source.facts.method(cls, m).calls and m != method]
    if callers:
        yield say(
            rng, f"Within the class it is called by {listed(callers)}", f"Its callers in the class: {listed(callers)}"
        )


def _kind(source: Source, method: TsMethod) -> str:
    words = [visibility(source, method)]
    words += ["static"] * method.is_static + ["asynchronous"] * method.is_async
    return f"A {' '.join(words)} {'method' if method.kind in ('method', 'arrow') else method.kind}"


def returned(facts: MethodFacts) -> str:
    if facts.returns == "this":
        return "It returns `this`, so calls can be chained"
    if facts.returns in ("void", "Promise<void>"):
        return f"It returns nothing (`{facts.returns}`)"
    return f"It returns `{facts.returns}`"


def failure(throw: Throw) -> str:
    """How and when something is thrown."""
    if not throw.conditions:
        return f"It throws `{throw.what}`"
    return f"It throws `{throw.what}` when " + " and ".join(_condition(c) for c in throw.conditions)


def _condition(text: str) -> str:
    if text.startswith("not ("):
        return f"`{text[5:-1]}` does not hold"
    return text if text.startswith(("an error", "the switch")) else f"`{text}`"


def explain_errors(source: Source, context: Context) -> Iterator[SampleDraft]:
    """When a method refuses, and with which words."""
    for cls in classes(source):
        for method in cls.methods:
            facts = source.facts.method(cls, method)
            if not facts.throws or method.end - method.start > MAX_METHOD:
                continue
            lines = [failure(throw) for throw in facts.throws]
            helpers = [m for m in cls.methods if m.name in facts.calls and source.facts.method(cls, m).throws]
            lines += [f"Its helper `{m.name}` can throw as well: {_thrown(source, cls, m)}" for m in helpers[:3]]
            lines.append(returned(facts).replace("It returns", "Otherwise it returns", 1))
            around, more = setting(source, cls, context, shown=[method, *helpers[:2]], limit=1200)
            instruction = instruct("explain_errors", context.rng, method=method.name, name=cls.name)
            yield class_draft(
                TYPE, "explain_errors", source, cls, instruction, bullets(lines), input=around, parses="", **more
            )


def _thrown(source: Source, cls: TsClass, method: TsMethod) -> str:
    return listed(throw.what for throw in source.facts.method(cls, method).throws)


def trace_calls(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The path from a method through the helpers of its class."""
    for cls in classes(source):
        by_name = {m.name: m for m in cls.methods if m.has_body}
        for method in by_name.values():
            steps = list(_steps(source, cls, method, by_name))
            if len(steps) < 2:
                continue
            lines = [line for _, line in steps]
            private = list(dict.fromkeys(m.name for m, _ in steps[1:] if m.is_private))
            hidden = f"\n\n{listed(private)}: not visible to callers of `{cls.name}`." if private else ""
            helpers = list(dict.fromkeys(m.name for m, _ in steps[1:]))
            around, more = setting(
                source, cls, context, shown=[by_name[n] for n in (method.name, *helpers[:3])], limit=1300
            )
            if len(around) > 5000:
                continue
            instruction = instruct("trace_calls", context.rng, method=method.name, name=cls.name)
            yield class_draft(
                TYPE,
                "trace_calls",
                source,
                cls,
                instruction,
                "\n".join(lines) + hidden,
                input=around,
                facts=more,
                parses="",
            )


def _steps(
    source: Source,
    cls: TsClass,
    method: TsMethod,
    by_name: dict[str, TsMethod],
    depth: int = 0,
    seen: frozenset[str] = frozenset(),
) -> Iterator[tuple[TsMethod, str]]:
    """The method and, indented below it, what it calls, to a depth of three."""
    facts = source.facts.method(cls, method)
    parts = []
    if facts.reads:
        parts.append(f"reads {listed(facts.reads, 4)}")
    if facts.writes:
        parts.append(f"changes {listed(facts.writes, 4)}")
    if facts.throws:
        parts.append(f"can throw {listed((t.what for t in facts.throws), 2)}")
    does = "; ".join(parts) or "touches no field itself"
    yield method, f"{'  ' * depth}- `{code.signature(source.module, method)}`: {does}"
    for name in facts.calls[:6]:
        if depth < 3 and name in by_name and name not in seen and name != method.name:
            yield from _steps(source, cls, by_name[name], by_name, depth + 1, seen | {method.name})


def explain_field(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Who reads and who changes one field."""
    for cls in classes(source):
        facts = {m.name: source.facts.method(cls, m) for m in cls.methods if m.has_body}
        if any(f.opaque for f in facts.values()):
            continue
        for field in cls.fields:
            readers = [name for name, f in facts.items() if field.name in f.reads]
            writers = [name for name, f in facts.items() if field.name in f.writes]
            if field.is_static or len(readers) + len(writers) < 2:
                continue
            declared = code.member_code(source.module, field.start, field.end).rstrip(";")
            lines = [
                f"`{field.name}` is declared as `{declared}`" if len(declared) < 160 else f"`{field.name}` is a field"
            ]
            if field.is_private:
                lines.append(
                    say(
                        context.rng,
                        "It is not public: only the class itself works on it",
                        "Nobody outside the class can reach it by name",
                    )
                )
            else:
                lines.append("It is public: anybody who holds the object can change it, which the team avoids")
            lines.append(f"Read in {listed(readers)}" if readers else "No method reads it")
            lines.append(
                f"Changed in {listed(writers)}"
                if writers
                else "No method assigns it; its value comes from the declaration or from outside"
            )
            shown = [m for m in cls.methods if m.has_body and m.name in {*readers, *writers}]
            around, more = setting(source, cls, context, shown=_within(shown, 1500), limit=1500)
            instruction = instruct("explain_field", context.rng, field=field.name, name=cls.name)
            yield class_draft(
                TYPE, "explain_field", source, cls, instruction, bullets(lines), input=around, parses="", **more
            )


def _within(methods: list[TsMethod], limit: int) -> list[TsMethod]:
    kept: list[TsMethod] = []
    for method in methods:
        if sum(m.end - m.start for m in kept) + method.end - method.start <= limit:
            kept.append(method)
    return kept


def write_doc(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The comment the team wrote for a method."""
    for cls in classes(source):
        for method in cls.methods:
            if len(method.doc.split()) < 5 or not method.has_body or method.end - method.start > MAX_METHOD:
                continue
            text = with_comment(source, method)
            comment = text[: text.find("*/") + 2] if text.startswith("/**") and "*/" in text else ""
            if not comment:
                continue
            given = shown_code(source, code.outline_fields(source.module, cls), method_code(source, method))
            instruction = instruct("write_doc", context.rng, method=method.name, name=cls.name)
            yield class_draft(TYPE, "write_doc", source, cls, instruction, fence(comment), input=given, parses="")

"""style_core, scenario state: how the state of an object gets in and out, and what of it travels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsInterface, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft, is_test, slots
from samples.generators.methods import specification
from samples.generators.scenario_forms import Member, given_scenarios, members_of, spoiled
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import (
    class_view,
    drawn_on,
    is_clean,
    is_sound,
    is_whole,
    listed,
    say,
    setting,
    shown_code,
    types_for,
    undeclared,
    with_helpers,
)
from samples.generators.wording import instruct

TYPE = "scenario_state"
_DATA = re.compile(
    r"(?:readonly )?(?:string|number|boolean|null|undefined|'[^']*'|\"[^\"]*\"|\d+)(?:\[\])*"
    r"(?:\s*\|\s*(?:string|number|boolean|null|undefined|'[^']*'|\"[^\"]*\"|\d+)(?:\[\])*)*"
    r"|(?:Array|Record|Partial)<(?:string|number|boolean)(?:, (?:string|number|boolean)(?:\[\])?)?>"
)


def method_named(cls: TsClass, name: str) -> TsMethod | None:
    return next((m for m in cls.methods if m.name == name and m.has_body and not m.is_static), None)


def holder_of(cls: TsClass) -> tuple[TsMethod, TsMethod] | None:
    """(`init`, `toScenario`) of a class that has both."""
    init, saving = code.init_of(cls), method_named(cls, "toScenario")
    return (init, saving) if init is not None and saving is not None else None


def write_pair(source: Source, context: Context) -> Iterator[SampleDraft]:
    """`init` and `toScenario` for a class that lacks both; once each alone."""
    for cls in classes(source):
        pair = holder_of(cls)
        if pair is None or not is_sound(cls):
            continue
        for missing in (pair, pair[:1], pair[1:]):
            answer = "\n\n".join(code.member_code(source.module, m.start, m.end) for m in missing)
            if not is_clean(answer):
                continue
            around, more = setting(source, cls, context, hidden=missing, limit=1900)
            if undeclared(answer, around):
                continue
            told = "\n\n".join(specification(source, cls, m) for m in missing)
            instruction = instruct("write_pair" if len(missing) > 1 else "write_half", context.rng, name=cls.name)
            yield class_draft(
                TYPE,
                "write_pair" if len(missing) > 1 else f"write_{missing[0].name}",
                source,
                cls,
                f"{instruction}\n\n{told}",
                fence(answer),
                input=around,
                parses="",
                **more,
            )


def scenario_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The class around its scenario, from the contract and the model."""
    for cls in classes(source):
        pair = holder_of(cls)
        if pair is None or not is_sound(cls):
            continue
        others = [m for m in code.public_methods(cls) if m not in pair and not m.is_static]
        for kept in (others[:1], others[1:3], others[3:5]):
            text = code.excerpt(source.module, cls, keep=with_helpers(source, cls, [pair[1], *kept]), limit=2400)
            if not kept or not is_clean(text) or not is_whole(text, cls):
                continue
            types = types_for(source, context, text, 1200)
            told = "\n\n".join(specification(source, cls, m) for m in (*pair, *kept))
            given = shown_code(source, *(t for _, t in types), code.outline_fields(source.module, cls))
            if undeclared(text, given):
                continue
            yield class_draft(
                TYPE,
                "scenario_class",
                source,
                cls,
                f"{instruct('scenario_class', context.rng, **slots(cls))}\n\n{told}",
                fence(text),
                input=given,
                judge="empty_constructor",
                **drawn_on(source, (where for where, _ in types)),
            )


def travelling_field(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Whether one field survives a save and a restore."""
    for cls in classes(source):
        pair = holder_of(cls)
        if pair is None:
            continue
        (init, saving), facts = pair, source.facts
        read, written = facts.method(cls, saving).reads, facts.method(cls, init).writes
        if facts.method(cls, saving).opaque or facts.method(cls, init).opaque or not read:
            continue
        for field in cls.fields:
            if field.is_static or facts.method(cls, saving).calls:
                continue
            out, back = field.name in read, field.name in written
            verdict = "Yes" if out and back else "No" if not out and not back else "Only half"
            lines = [
                f"`toScenario` {'reads' if out else 'does not read'} `{field.name}`",
                f"`init` {'assigns' if back else 'does not assign'} it",
                _consequence(field.name, out, back),
            ]
            around, more = setting(source, cls, context, shown=pair, limit=1300)
            yield class_draft(
                TYPE,
                "travelling_field",
                source,
                cls,
                instruct("travelling_field", context.rng, field=field.name, name=cls.name),
                f"{verdict}.\n\n{bullets(lines)}",
                input=around,
                parses="",
                **more,
            )


def _consequence(name: str, out: bool, back: bool) -> str:
    if out and back:
        return f"A restored object starts with the saved `{name}`"
    if out:
        return f"`{name}` is in the scenario, but `init` alone does not bring it back"
    if back:
        return f"`init` sets `{name}`, but the scenario does not say which value it had last"
    return f"`{name}` starts in a restored object as in a new one"


def add_state(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class of the repository without scenario: the interface and the two methods, from its own fields."""
    for cls in classes(source):
        if code.init_of(cls) or method_named(cls, "toScenario") or cls.extends or not is_sound(cls):
            continue
        own = [f for f in cls.fields if not f.is_static and not f.name.startswith("#")]
        types = {f.name: f.type or code.literal_type(source.text[f.start : f.end]) for f in own}
        data = {name: kind for name, kind in types.items() if kind and _DATA.fullmatch(kind)}
        others = [name for name in types if name not in data]
        fixed = [f.name for f in own if re.search(r"\breadonly\b", source.text[f.start : f.end])]
        if not data or any(name in data for name in fixed):
            continue
        model = f"{cls.name}Scenario"
        answer = _state_code(model, data)
        rest = f"\n\nNot part of the scenario: {listed(others)}, which is no plain data." if others else ""
        around, more = setting(source, cls, context, limit=1500)
        yield class_draft(
            TYPE,
            "add_state",
            source,
            cls,
            instruct("add_state", context.rng, name=cls.name, model=model),
            f"{fence(answer)}\n\nThe methods belong into `{cls.name}`; arrays and records are copied both ways.{rest}"
            if re.search(r"\[\]|Record|Array", " ".join(data.values()))
            else f"{fence(answer)}\n\nThe methods belong into `{cls.name}`.{rest}",
            input=around,
            parses="",
            **more,
        )


def _state_code(model: str, data: dict[str, str]) -> str:
    """The interface and the two methods over plain fields."""
    members = "\n".join(f"  {name}: {kind};" for name, kind in data.items())
    taken = "\n".join(f"  this.{name} = {_copied(f'scenario.{name}', kind)};" for name, kind in data.items())
    given = ", ".join(f"{name}: {_copied(f'this.{name}', kind)}" for name, kind in data.items())
    return (
        f"export interface {model} {{\n{members}\n}}\n\n"
        f"init(scenario: {model}): this {{\n{taken}\n  return this;\n}}\n\n"
        f"toScenario(): {model} {{\n  return {{ {given} }};\n}}"
    )


def _copied(value: str, kind: str) -> str:
    if "|" in kind or not re.search(r"\[\]|Array|Record|Partial", kind):
        return value
    return f"{{ ...{value} }}" if kind.startswith(("Record", "Partial")) else f"[...{value}]"


def write_model(source: Source, context: Context) -> Iterator[SampleDraft]:
    """An interface from the code that uses it."""
    for interface, members, user, view in _used_models(source, context):
        names = listed((member.name for member in members), 20)
        purpose = f" {interface.doc.splitlines()[0]}" if interface.doc else ""
        declared = code.declared_interface(source.module, interface)
        types = types_for(source, context, " ".join(m.type for m in members), 700)
        yield file_draft(
            TYPE,
            "write_model",
            source,
            f"{instruct('write_model', context.rng, name=interface.name)}{purpose} Members: {names}.",
            fence(declared),
            span=(interface.start, interface.end),
            input=shown_code(user, *(t for _, t in types), view),
            **drawn_on(source, (user, *(where for where, _ in types))),
        )


def _used_models(source: Source, context: Context) -> Iterator[tuple[TsInterface, tuple[Member, ...], Source, str]]:
    """Data interfaces with a class that works with them: (interface, members, file, excerpt naming most members)."""
    project = context.library.project
    for interface in _interfaces(source):
        members = members_of(source, interface)
        if len(members) < 2 or any(m.is_method for m in members):
            continue
        for user in [source, *project.users_of(source, interface.name)]:
            found = next(_naming(user, interface, members), None)
            if found:
                yield interface, members, user, found
                break


def _naming(user: Source, interface: TsInterface, members: tuple[Member, ...]) -> Iterator[str]:
    """Excerpts of classes that name the interface and at least two thirds of its members."""
    for cls in classes(user):
        using = [m for m in cls.methods if m.has_body and _named(user, m, members)]
        using.sort(key=lambda m: -len(_named(user, m, members)))
        view = class_view(user, cls, shown=[m for m in using[:2] if m.end - m.start < 900], limit=1300)
        named = sum(bool(re.search(rf"\b{re.escape(member.name)}\b", view)) for member in members)
        if re.search(rf"\b{interface.name}\b", user.text[cls.start : cls.end]) and named * 3 >= len(members) * 2:
            yield view


def _named(source: Source, method: TsMethod, members: tuple[Member, ...]) -> list[str]:
    """The members that a method reads, writes or takes apart: `.name`, `name:` or `{ name }`."""
    text = source.text[method.start : method.end]
    names = [member.name for member in members]
    return [n for n in names if re.search(_access(re.escape(n)), text)]


def _access(name: str) -> str:
    return rf"\.{name}\b(?!\()|[{{,]\s*{name}\s*:|(?<!\$)\{{\s*{name}\s*[,}}]|,\s*{name}\s*\}}"


def explain_model(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What an object of an interface carries, and which methods name what of it."""
    for interface, members, user, view in _used_models(source, context):
        cls = next((c for c in classes(user) if f"class {c.name}" in view), None)
        if cls is None:
            continue
        shown = [m for m in cls.methods if m.has_body and _is_shown(user, m, view)]
        lines = []
        for member in members[:14]:
            where = [m.name for m in shown if member.name in _named(user, m, (member,))]
            line = f"- `{member.name}`: `{member.type or 'any'}`{' (may be missing)' if member.optional else ''}"
            line += f" - {member.doc}" if member.doc else ""
            lines.append(line + (f"; named in {listed(where, 4)}" if where else ""))
        yield file_draft(
            TYPE,
            "explain_model",
            source,
            instruct("explain_model", context.rng, name=interface.name, user=cls.name),
            f"`{interface.name}` carries {len(members)} members. In the shown part of `{cls.name}`:\n\n"
            + "\n".join(lines),
            span=(interface.start, interface.end),
            input=shown_code(source, code.declared_interface(source.module, interface), view),
            parses="",
            **drawn_on(source, (user,)),
        )


def _is_shown(source: Source, method: TsMethod, view: str) -> bool:
    """Whether a view holds the body of a method, and not only calls it."""
    lines = code.member_code(source.module, method.start, method.end).splitlines()
    return all(line.strip() in view for line in lines)


def _interfaces(source: Source) -> list[TsInterface]:
    return [] if source.module.has_errors or is_test(source) else list(source.module.interfaces)


def check_scenario(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Whether an object fits its interface: as written in the code, and with one known fault."""
    for given in given_scenarios(source, context):
        for literal, finding in spoiled(given, context.rng):
            there = listed((m.name for m in given.members if f"{m.name}" in given.literal), 14)
            verdict = f"Yes. Every member that `{given.interface.name}` requires is there: {there}."
            answer = f"No: {finding}." if finding else verdict
            if finding:
                answer += f"\n\nIt must be:\n\n{fence(given.literal)}"
            types = types_for(given.where, context, given.declared, 1500)
            yield file_draft(
                TYPE,
                "check_scenario" if finding else "fitting_scenario",
                source,
                instruct("check_scenario", context.rng, name=given.interface.name),
                answer,
                input=f"{shown_code(given.where, *(t for _, t in types))}\n\n{fence(literal)}",
                span=given.span,
                parses="",
                **drawn_on(source, [given.where, *(where for where, _ in types)]),
            )


def explain_round_trip(source: Source, context: Context) -> Iterator[SampleDraft]:
    """How the state of an object travels."""
    for cls in classes(source):
        pair = holder_of(cls)
        if pair is None:
            continue
        (init, saving), facts = pair, source.facts
        read, written = facts.method(cls, saving).reads, facts.method(cls, init).writes
        around, more = setting(source, cls, context, shown=pair, limit=1500)
        changing = [
            m.name
            for m in code.public_methods(cls)
            if m not in pair and set(facts.method(cls, m).writes) & set(read) and f" {m.name}(" in around
        ]
        lines = [
            f"In: `{code.signature(source.module, init)}` sets {listed(written) or 'its state through other methods'}",
            f"Out: `{code.signature(source.module, saving)}` is made from {listed(read) or 'other methods'}",
        ]
        if changing:
            lines.append(f"Between the two, {listed(changing)} can change what is saved")
        closing = say(
            context.rng,
            f"To continue elsewhere: `new {cls.name}().init(saved)` with the scenario that `toScenario()` gave.",
            f"Save with `toScenario()`, restore with `new {cls.name}().init(saved)`.",
        )
        yield class_draft(
            TYPE,
            "explain_round_trip",
            source,
            cls,
            instruct("explain_scenario", context.rng, name=cls.name),
            f"{bullets(lines)}\n\n{closing if is_sound(cls) else ''}".strip(),
            input=around,
            parses="",
            **more,
        )

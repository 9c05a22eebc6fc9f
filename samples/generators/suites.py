"""Vitest suites taken apart into set-up, cases and expectations: written, completed and explained from the class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import classes, file_draft, is_test
from samples.generators.facts import one_line, text_of
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import class_view, drawn_on, is_clean, listed, shown_code
from samples.generators.wording import instruct

MAX_CASE = 1800
MAX_SETUP = 1300


@dataclass(frozen=True, slots=True)
class Case:
    """One `it(...)`: its title, its text, what stands around it, and (start, end) of its expectations in the file."""

    title: str
    text: str
    suite: str
    setup: str
    span: tuple[int, int]
    expectations: tuple[tuple[int, int], ...]

    @property
    def task_type(self) -> str:
        """Tests of the way state travels teach scenario state, all others behaviour."""
        return "scenario_state" if "toScenario" in self.text else "radical_oop"


def cases_of(source: Source) -> list[Case]:
    """The cases of a Vitest file in order."""
    if not is_test(source) or source.module.has_errors or not uses_vitest(source):
        return []
    return list(_cases(source, source.module.root, "", ""))


def import_lines(source: Source) -> list[str]:
    """The import statements of a file as written."""
    return [text_of(node) for node in source.module.root.named_children if node.type == "import_statement"]


def standing_alone(case: Case) -> str:
    """A case in a suite of its own, with its set-up."""
    inner = code.indent(f"{case.setup}{case.text}")
    return f'describe("{case.suite}", () => {{\n{inner}\n}});' if case.suite else f"{case.setup}{case.text}"


def uses_vitest(source: Source) -> bool:
    return any(imported.source == "vitest" for imported in source.module.imports)


def _cases(source: Source, scope: Node, suite: str, setup: str) -> Iterator[Case]:
    inner = setup + _setup(source, scope)
    for statement in scope.named_children:
        call = statement.named_children[0] if statement.type == "expression_statement" else None
        name, title, body = _test_call(call)
        if body is None:
            continue
        if name == "describe":
            yield from _cases(source, body, f"{suite} {title}".strip(), inner)
        else:
            start, end = source.facts.char(statement.start_byte), source.facts.char(statement.end_byte)
            text, expected = code.member_code(source.module, start, end), tuple(_expectations(source, body))
            yield Case(title, text, suite, inner, (start, end), expected)


def _test_call(call: Node | None) -> tuple[str, str, Node | None]:
    """(`describe`, `it` or `test`; title; body) of such a call; no body for anything else."""
    if call is None or call.type != "call_expression":
        return "", "", None
    name, arguments = text_of(call.child_by_field_name("function")), call.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    if name not in ("describe", "it", "test") or len(given) < 2 or given[0].type != "string":
        return "", "", None
    body = given[1].child_by_field_name("body")
    return name, text_of(given[0])[1:-1], body if body is not None and body.type == "statement_block" else None


def _setup(source: Source, scope: Node) -> str:
    """What stands beside the cases: variables, hooks and helpers, as far as they are short."""
    kept = []
    for child in scope.named_children:
        call = child.named_children[0] if child.type == "expression_statement" and child.named_children else None
        if child.type in ("import_statement", "comment") or _test_call(call)[2] is not None:
            continue
        start, end = source.facts.char(child.start_byte), source.facts.char(child.end_byte)
        kept.append(code.member_code(source.module, start, end))
    return "".join(f"{text}\n\n" for text in kept)


def _expectations(source: Source, body: Node) -> Iterator[tuple[int, int]]:
    for statement in body.named_children:
        if statement.type == "expression_statement" and re.match(r"(?:await )?expect\(", text_of(statement)):
            yield source.facts.char(statement.start_byte), source.facts.char(statement.end_byte)


def under_test(source: Source, case: Case, context: Context) -> tuple[Source, TsClass] | None:
    """The class that a case is about: an imported one that case or set-up create or name, the case first."""
    found = [
        (imported.target, cls)
        for imported in context.library.project.imports.get(source.path, ())
        if imported.target is not None
        for cls in classes(imported.target)
        if cls.name in imported.names
    ]
    for text in (case.text, case.setup):
        named = [pair for pair in found if re.search(rf"\b{pair[1].name}\b", text)]
        if named:
            return max(named, key=lambda pair: (pair[1].name in case.suite.replace(" ", ""), _calls(text, pair[1])))
    return None


def _calls(text: str, cls: TsClass) -> int:
    return sum(f".{m.name}(" in text for m in cls.methods)


def _view(where: Source, cls: TsClass, case: Case, limit: int = 1500) -> str:
    """The class with the methods that the case calls."""
    called = [m for m in code.public_methods(cls) if f".{m.name}(" in case.text and m.name not in ("init",)]
    shown: list[TsMethod] = []
    for method in called:
        if sum(m.end - m.start for m in shown) + method.end - method.start < limit:
            shown.append(method)
    return class_view(where, cls, shown=shown, limit=limit)


def write_case(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """One case from its title, its set-up and the class it is about."""
    for case in cases_of(source):
        seen = under_test(source, case, context)
        if case.task_type != task_type or seen is None or len(case.text) > MAX_CASE or not is_clean(case.text):
            continue
        where, cls = seen
        given = [shown_code(where, _view(where, cls, case))]
        if case.setup and len(case.setup) <= MAX_SETUP:
            given.append(f"Set-up of the suite:\n\n{fence(case.setup)}")
        yield file_draft(
            task_type,
            "write_case",
            source,
            f'{instruct("write_case", context.rng, name=cls.name)}\n\n"{case.title}"',
            fence(case.text),
            span=case.span,
            input="\n\n".join(given),
            **drawn_on(source, (where,)),
        )


def fill_expectation(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A case with its expectations taken out: what must hold follows from its title and the class."""
    for case in cases_of(source):
        seen = under_test(source, case, context)
        if case.task_type != task_type or seen is None or len(case.text) > MAX_CASE:
            continue
        where, cls = seen
        if len(case.expectations) < 2 or not is_clean(case.text):
            continue
        holed = source.text[case.span[0] : case.span[1]]
        answers: list[str] = []
        for start, end in reversed(case.expectations):
            at = start - case.span[0]
            holed = f"{holed[:at]}// ...missing...{holed[at + end - start :]}"
            answers.insert(0, code.member_code(source.module, start, end))
        setup = case.setup if len(case.setup) <= MAX_SETUP else ""
        case_text = code.dedent(holed, source.text, case.span[0])
        given = [shown_code(where, _view(where, cls, case)), fence(f"{setup}{case_text}")]
        called = [m.name for m in code.public_methods(cls) if f".{m.name}(" in case.text]
        yield file_draft(
            task_type,
            "fill_expectation",
            source,
            instruct("fill_expectation", context.rng, name=cls.name),
            f'{fence(chr(10).join(answers))}\n\nThe case "{case.title}" exercises {listed(called or [cls.name])}.',
            span=case.span,
            input="\n\n".join(given),
            **drawn_on(source, (where,)),
        )


def explain_case(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a case sets up, calls and expects."""
    for case in cases_of(source):
        seen = under_test(source, case, context)
        if case.task_type != task_type or seen is None or len(case.text) > MAX_CASE or len(case.expectations) < 1:
            continue
        where, cls = seen
        called = [m for m in code.public_methods(cls) if f".{m.name}(" in case.text]
        expected = [one_line(source.text[start:end]).rstrip(";") for start, end in case.expectations]
        short = [text for text in expected if len(text) < 200]
        if not called or not short:
            continue
        lines = [f"`{code.signature(where.module, method)}` of `{cls.name}` is called" for method in called[:4]]
        lines += [_expected(text) for text in short[:5]]
        yield file_draft(
            task_type,
            "explain_case",
            source,
            instruct("explain_case", context.rng, name=cls.name),
            f'The case "{case.title}":\n\n{bullets(lines)}',
            span=case.span,
            input="\n\n".join((shown_code(where, code.outline(where.module, cls)[:1600]), fence(case.text))),
            parses="",
            **drawn_on(source, (where,)),
        )


_MATCHER = re.compile(r"^(?:await )?expect\((.*)\)\.((?:not\.|rejects\.|resolves\.)*)(to\w+)\((.*)\)$", re.DOTALL)
_SAID = {
    "toBe": "is",
    "toEqual": "equals",
    "toStrictEqual": "equals, types included,",
    "toHaveLength": "has the length",
    "toContain": "contains",
    "toThrow": "throws",
    "toMatchObject": "has at least the members",
    "toBeCloseTo": "is close to",
    "toBeGreaterThan": "is greater than",
    "toBeLessThan": "is less than",
}


def _expected(text: str) -> str:
    """An expectation in words where it is a plain one, else as written."""
    found = _MATCHER.match(text)
    if found is None or found[2] or found[3] not in _SAID or not found[4]:
        return f"Expected: `{text}`"
    return f"`{found[1]}` {_SAID[found[3]]} `{found[4]}`"


def covering_cases(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which cases of a suite exercise a method."""
    cases = cases_of(source)
    seen = under_test(source, cases[0], context) if cases else None
    if seen is None:
        return
    where, cls = seen
    for method in code.public_methods(cls):
        hits = [case for case in cases if f".{method.name}(" in case.text]
        if not hits or len(hits) == len(cases) or method.name == "init":
            continue
        misses = [case for case in cases if case not in hits]
        shown, kept = "", 0
        for case in sorted([*hits, *misses[:3]], key=lambda c: c.span):
            if len(shown) + len(case.text) < 2600:
                shown, kept = f"{shown}{case.text}\n\n", kept + (case in hits)
        if kept < len(hits):
            continue
        lines = [f'"{case.title}"' for case in hits]
        yield file_draft(
            "radical_oop",
            "covering_cases",
            source,
            instruct("covering_cases", context.rng, method=method.name, name=cls.name),
            f"These cases call `{code.signature(where.module, method)}`:\n\n"
            + "\n".join(f"- {line}" for line in lines),
            span=hits[0].span,
            input=fence(shown),
            parses="",
            **drawn_on(source, (where,)),
        )


BOTH = (write_case, fill_expectation, explain_case)

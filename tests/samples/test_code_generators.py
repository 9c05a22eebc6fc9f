"""Samples made from TypeScript: facts off the syntax tree, faults put into good code, answers that follow."""

from __future__ import annotations

import random
import re

import pytest

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import layer_of, parse_typescript
from samples.generators import code, style_core, style_refactor, violations
from samples.generators.base import Context, SampleDraft
from samples.generators.conversion import converted
from samples.generators.facts import ModuleFacts
from samples.generators.faults import FAULTS
from samples.generators.layers import relative
from samples.generators.loosening import loose_types, old_style, parses_as_member, snake_names
from samples.generators.sources import Library, Source
from samples.generators.suites import cases_of
from samples.generators.views import undeclared
from samples.judges import judge
from samples.judging import judge_faults
from samples.quality import assess
from tests.samples.corpus import CLASS, INTERFACE, TEST

ROOT = "components/OvenTimer/1.0.0"
LEGACY = """import { Clock } from "../layer1/Clock.js";

/** Counts the loaves that leave the oven. */
export class LoafCounter {
  private names: string[] = [];
  private total: number;

  constructor(private clock: Clock, start: number = 0) {
    this.total = start;
  }

  count(loaf: string, many: number): number {
    if (many < 1) {
      throw new Error(`no ${loaf} to count`);
    }
    this.names.push(loaf);
    this.total += many;
    return this.total;
  }

  since(): string {
    return `${this.total} since ${this.clock.hour()}`;
  }
}
"""
CLOCK = """export class Clock {
  hour(): number {
    return new Date().getHours();
  }
}
"""
CLI = """import { DefaultOvenTimer } from "../layer2/DefaultOvenTimer.js";
import { LoafCounter } from "../layer2/LoafCounter.js";
import { Clock } from "../layer1/Clock.js";

export class OvenTimerCLI {
  private readonly timer = new DefaultOvenTimer();

  load(tray: string, seconds: string): string {
    const bakingSeconds = Number(seconds);
    if (Number.isNaN(bakingSeconds)) {
      return "seconds must be a number";
    }
    this.timer.load(tray, bakingSeconds);
    return `${tray} is in for ${bakingSeconds} s`;
  }

  counter(): LoafCounter {
    const made = new LoafCounter(new Clock(), 12);
    return made;
  }
}
"""
FILES = {
    f"{ROOT}/src/ts/layer1/Clock.ts": CLOCK,
    f"{ROOT}/src/ts/layer2/DefaultOvenTimer.ts": CLASS,
    f"{ROOT}/src/ts/layer2/LoafCounter.ts": LEGACY,
    f"{ROOT}/src/ts/layer3/OvenTimer.interface.ts": INTERFACE,
    f"{ROOT}/src/ts/layer5/OvenTimerCLI.ts": CLI,
    f"{ROOT}/test/ovenTimer.test.ts": TEST,
}
TASKS = (*style_core.TASKS, *style_refactor.TASKS, *violations.TASKS)


def _source(number: int, path: str, text: str) -> Source:
    spans = ((f"c{number}", 0, len(text)),)
    return Source(number, path, DocumentKind.TYPESCRIPT, path, text, layer=layer_of(path), spans=spans)


@pytest.fixture(scope="module")
def bakery() -> Library:
    return Library.of([_source(number, path, text) for number, (path, text) in enumerate(FILES.items(), 1)])


def _file(library: Library, name: str) -> Source:
    return next(source for source in library.sources if source.name == name)


def _drafts(library: Library, seed: int = 0) -> list[tuple[Source, SampleDraft]]:
    return [
        (source, draft)
        for task in TASKS
        for source in library.sources
        for draft in task.make(source, Context(random.Random(f"{seed}{task.key}{source.key}"), library, "continue"))
    ]


@pytest.fixture(scope="module")
def drafts(bakery: Library) -> list[tuple[Source, SampleDraft]]:
    return _drafts(bakery)


def _blocks(text: str) -> list[str]:
    return re.findall(r"```typescript\n(.*?)\n```", text, re.DOTALL)


# --- facts ---


def test_facts_are_those_the_body_states() -> None:
    module = parse_typescript(LEGACY)
    cls = module.classes[0]
    facts = ModuleFacts(module).method(cls, cls.methods[0])
    assert facts.reads == ("names", "total")
    assert facts.writes == ("names", "total")
    assert [(t.what, t.conditions) for t in facts.throws] == [("new Error(`no ${loaf} to count`)", ("many < 1",))]
    assert (facts.returns, facts.result, len(facts.statements)) == ("number", "this.total", 4)


def test_a_field_that_only_the_constructor_declares_counts_as_read() -> None:
    module = parse_typescript(LEGACY)
    cls = module.classes[0]
    assert ModuleFacts(module).method(cls, cls.methods[1]).reads == ("total", "clock")


@pytest.mark.parametrize(
    ("body", "reads", "writes"),
    [
        ("this.a = 1;", (), ("a",)),
        ("this.a += 1;", ("a",), ("a",)),
        ("this.a.b[0] = this.c;", ("a", "c"), ("a",)),
        ("[this.a, this.b] = [1, 2];", (), ("a", "b")),
        ("({ x: this.a } = given);", (), ("a",)),
        ("this.a.push(1);", ("a",), ("a",)),
        ("this.a.slice(1);", ("a",), ()),
        ("this.help(this.b);", ("b",), ()),
    ],
)
def test_reading_and_changing_are_told_apart(body: str, reads: tuple[str, ...], writes: tuple[str, ...]) -> None:
    module = parse_typescript(f"class A {{ a = []; b = 2; c = 3; run(given: B) {{ {body} }} help(x: number) {{}} }}")
    cls = module.classes[0]
    facts = ModuleFacts(module).method(cls, cls.methods[0])
    assert (facts.reads, facts.writes, facts.opaque) == (reads, writes, False)


def test_what_the_method_catches_itself_is_no_failure_of_it() -> None:
    module = parse_typescript(
        "class A { run() { try { throw new Error('in'); } catch (e) { throw new Error('out'); } } }"
    )
    facts = ModuleFacts(module).method(module.classes[0], module.classes[0].methods[0])
    assert [(t.what, t.conditions) for t in facts.throws] == [("new Error('out')", ("an error was caught",))]


def test_a_handed_out_object_is_not_followed() -> None:
    module = parse_typescript("class A { run() { const self = this; self.a = 1; } }")
    assert ModuleFacts(module).method(module.classes[0], module.classes[0].methods[0]).opaque


def test_offsets_count_characters_beyond_ascii() -> None:
    text = CLASS.replace("Counts down", "Zählt ⏱ die")
    module = parse_typescript(text)
    cls = module.classes[0]
    start, end = ModuleFacts(module).method(cls, cls.methods[2]).statements[0]
    assert text[start:end].startswith("if (seconds <= 0)")


# --- the project ---


def test_imports_find_their_files_and_back(bakery: Library) -> None:
    cli, counter = _file(bakery, "OvenTimerCLI.ts"), _file(bakery, "LoafCounter.ts")
    assert [i.target.name for i in bakery.project.imports[cli.path] if i.target] == [
        "DefaultOvenTimer.ts",
        "LoafCounter.ts",
        "Clock.ts",
    ]
    assert bakery.project.users_of(counter, "LoafCounter") == [cli]
    assert relative(cli.path, counter.path) == "../layer2/LoafCounter.js"


# --- faults and conversions ---


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.constructor])
def test_the_judge_tells_each_fault_from_the_original(name: str) -> None:
    module = parse_typescript(CLASS)
    wrong = FAULTS[name].mutate(module, module.classes[0], ())
    assert judge("empty_constructor", f"```typescript\n{wrong}\n```").passed is False
    assert judge("empty_constructor", f"```typescript\n{CLASS}\n```").passed


def test_public_state_changes_visibility_alone() -> None:
    module = parse_typescript(CLASS)
    wrong = FAULTS["public_state"].mutate(module, module.classes[0], ())
    assert wrong.replace("public model", "private model") == code.cut(module, module.classes[0], [])


def test_a_constructor_moves_into_init_statement_by_statement(bakery: Library) -> None:
    source = _file(bakery, "LoafCounter.ts")
    done = converted(source, source.module.classes[0])
    assert done is not None
    assert done[1] == (
        "export class LoafCounter {\n"
        "  private names: string[] = [];\n"
        "  private total!: number;\n"
        "  private clock!: Clock;\n\n"
        "  constructor() {}\n\n"
        "  init(clock: Clock, start: number = 0): this {\n"
        "    this.clock = clock;\n"
        "    this.total = start;\n"
        "    return this;\n"
        "  }\n"
        "}"
    )


@pytest.mark.parametrize(
    "text",
    [
        CLASS,
        LEGACY.replace("export class LoafCounter {", "export class LoafCounter extends Counter {"),
        LEGACY.replace("    this.total = start;", "    if (start) { return; }\n    this.total = start;"),
        LEGACY.replace("start: number = 0", "start: any"),
        LEGACY.replace("  count(", "  init(): void {}\n\n  count("),
    ],
)
def test_what_cannot_be_moved_safely_stays(text: str) -> None:
    source = _source(1, "a/src/ts/layer2/A.ts", text)
    assert converted(source, source.module.classes[0]) is None


def test_a_type_without_a_declaration_is_told() -> None:
    shown = "interface Loaf { grams: number }\nclass Counter {}"
    assert undeclared("bake(loaf: Loaf): Promise<Map<string, Oven>> { return new Counter(); }", shown) == {"Oven"}


def test_loosening_changes_what_it_says_and_nothing_else(bakery: Library) -> None:
    source = _file(bakery, "OvenTimerCLI.ts")
    method = source.module.classes[0].methods[0]
    good = code.member_code(source.module, method.start, method.end)
    snake = snake_names(good, [method])
    assert snake is not None and snake.code.replace("baking_seconds", "bakingSeconds") == good
    types = loose_types(good, [method])
    assert types is not None and "load(tray: any, seconds: any) {" in types.code and len(types.repairs) == 3
    assert all(parses_as_member(worse.code) for worse in (snake, types))
    assert old_style("a(): void {\n  run();\n}", [method]) is None


def test_names_that_are_also_members_are_not_renamed(bakery: Library) -> None:
    source = _file(bakery, "OvenTimerCLI.ts")
    assert (
        snake_names("f() {\n  const loafName = 1;\n  return { loafName };\n}", [source.module.classes[0].methods[0]])
        is None
    )


def test_cases_know_title_suite_and_setup(bakery: Library) -> None:
    first, second = cases_of(_file(bakery, "ovenTimer.test.ts"))
    assert (first.title, first.suite) == ("rings once for a tray", "DefaultOvenTimer")
    assert first.setup.startswith("const timer = () =>")
    assert len(first.expectations) == 2 and len(second.expectations) == 2


# --- all tasks ---


def test_every_task_but_the_rare_ones_finds_something(drafts: list[tuple[Source, SampleDraft]]) -> None:
    """Rare: what needs more methods, comments or data fields than six small files have."""
    made = {draft.task for _, draft in drafts}
    named_by_fault = {"repair", "find_violation", "review_diff", "judge_import"}
    rare = {"add_state", "birth_of_object", "convert_class", "lay_out_component", "old_style", "snake_names"}
    rare |= {"trace_calls", "place_interface", "forgotten_state"}
    # They take classes of several components: tests/samples/test_several_generators.py.
    rare |= {"ask_whom", "judge_imports", "place_several", "review_several", "sort_cases", "which_change"}
    names = {task.name for task in TASKS if not re.search(r"_[23]$", task.name)}
    assert names - named_by_fault - rare - made == set()
    assert {f"repair_{name}" for name, fault in FAULTS.items() if fault.constructor} <= made


def test_every_answer_parses_and_is_grounded(drafts: list[tuple[Source, SampleDraft]]) -> None:
    for source, draft in drafts:
        record = {
            "instruction": draft.instruction,
            "input": draft.input,
            "output": draft.output,
            "metadata": {"task_type": draft.task_type, "sample_id": "a" * 24, "category": draft.category},
        }
        origins = "\n".join((source.text, draft.instruction, draft.input, *draft.facts))
        quality = assess(record, sources=origins, tokens=100, band=(1, 9000), parses=draft.parses)
        assert not quality.faults, (draft.task, quality.faults, draft.output)
        for block in _blocks(draft.output):
            assert not parse_typescript(block).has_errors or parses_as_member(block), (draft.task, block)


def test_every_judge_agrees(drafts: list[tuple[Source, SampleDraft]]) -> None:
    judged = [draft for _, draft in drafts if draft.judge]
    assert len(judged) > 20
    for draft in judged:
        assert judge_faults(draft) == (), (draft.task, draft.output)


def test_no_answer_shows_a_working_constructor(drafts: list[tuple[Source, SampleDraft]]) -> None:
    for _, draft in drafts:
        for block in _blocks(draft.output):
            for cls in parse_typescript(block).classes:
                assert cls.constructor is None or not cls.constructor.faults, (draft.task, block)


def test_missing_code_is_not_in_the_question(drafts: list[tuple[Source, SampleDraft]]) -> None:
    asked = (
        "write_method",
        "write_methods",
        "fill_gap",
        "write_case",
        "fill_expectation",
        "write_pair",
        "write_toScenario",
    )
    checked = [draft for _, draft in drafts if draft.task in asked]
    assert len(checked) > 15
    for draft in checked:
        shown = {line.strip() for line in draft.input.splitlines()}
        answer = [line.strip() for block in _blocks(draft.output) for line in block.splitlines()]
        assert any(line not in shown for line in answer if len(line) > 8), (draft.task, draft.output)


def test_answers_name_their_chunks_and_other_files(drafts: list[tuple[Source, SampleDraft]]) -> None:
    for source, draft in drafts:
        assert draft.document_id == source.document_id and draft.chunk_uids
        assert set(draft.others) <= set(FILES) - {source.path}


def test_directions_of_imports_are_judged_by_layer(drafts: list[tuple[Source, SampleDraft]]) -> None:
    verdicts = {draft.instruction + draft.input: draft.output for _, draft in drafts if draft.task.startswith("judge_")}
    up = [answer for asked, answer in verdicts.items() if "OvenTimerCLI } from" in asked]
    down = [answer for asked, answer in verdicts.items() if 'DefaultOvenTimer } from "../layer2' in asked]
    assert up and all(answer.startswith("No.") for answer in up)
    assert any(answer.startswith("Yes.") for answer in down)


def test_a_layer_that_is_crossed_upwards_is_no_example() -> None:
    upwards = CLOCK.replace("export class", 'import { OvenTimerCLI } from "../layer5/OvenTimerCLI.js";\n\nexport class')
    files = FILES | {f"{ROOT}/src/ts/layer1/Clock.ts": upwards}
    library = Library.of([_source(n, path, text) for n, (path, text) in enumerate(files.items(), 1)])
    placed = [d.output for s, d in _drafts(library) if d.task == "place_class" and s.name == "Clock.ts"]
    assert placed == []


def test_the_same_seed_gives_the_same_drafts(bakery: Library, drafts: list[tuple[Source, SampleDraft]]) -> None:
    assert _drafts(bakery) == drafts
    assert _drafts(bakery, seed=1) != drafts

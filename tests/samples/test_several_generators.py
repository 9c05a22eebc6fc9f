"""Several classes, imports and cases beside each other: each verdict is the one of the thing it stands for."""

from __future__ import annotations

import json
import random
import re

import pytest

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import layer_of, parse_typescript
from samples.generators import several_methods, style_core
from samples.generators.base import Context, SampleDraft
from samples.generators.layers import ALLOWED
from samples.generators.sources import Library, Source
from samples.judges import judge

TASKS = {task.name: task for task in style_core.TASKS}
KINDS = ("Kiln", "Loom", "Forge", "Mill", "Press")
CONTRACT = """export interface {name}Scenario {{
  uuid: string;
  owner: string;
  {lower}Load: number;
}}

export interface {name} {{
  init(scenario: {name}Scenario): this;
  toScenario(): {name}Scenario;
  heat{name}(by: number): void;
}}
"""
CLASS = """import type {{ {name}, {name}Scenario }} from "../layer3/{name}.interface.js";

export class Default{name} implements {name} {{
  private uuid = "";
  private owner = "";
  private {lower}Load = 0;

  constructor() {{}}

  init(scenario: {name}Scenario): this {{
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.{lower}Load = scenario.{lower}Load;
    return this;
  }}

  toScenario(): {name}Scenario {{
    return {{ uuid: this.uuid, owner: this.owner, {lower}Load: this.{lower}Load }};
  }}

  /** Puts more {lower} heat into what is loaded. */
  heat{name}(by: number): void {{
    this.{lower}Load += by;
  }}

  is{name}Hot(limit: number): boolean {{
    return this.{lower}Load > limit;
  }}
}}
"""
CLI = """import {{ Default{name} }} from "../layer2/Default{name}.js";

export class {name}CLI {{
  private readonly {lower} = new Default{name}();

  heat(by: string): string {{
    this.{lower}.heat{name}(Number(by));
    return `${{by}} more on the {lower}`;
  }}
}}
"""
TEST = """import {{ describe, expect, it }} from "vitest";
import {{ Default{name} }} from "../src/ts/layer2/Default{name}.js";

describe("Default{name}", () => {{
  it("adds {lower} heat", () => {{
    const {lower} = new Default{name}().init({{ uuid: "{lower}-1", owner: "guild of the {lower}", {lower}Load: 12 }});
    {lower}.heat{name}(3);
    expect({lower}.toScenario().{lower}Load).toBe(15);
  }});
}});
"""


@pytest.fixture(scope="module")
def guild() -> Library:
    texts = {"layer2/Default{name}.ts": CLASS, "layer3/{name}.interface.ts": CONTRACT, "layer5/{name}CLI.ts": CLI}
    files = {
        f"components/{name}/1.0.0/src/ts/{path.format(name=name)}": text.format(name=name, lower=name.lower())
        for name in KINDS
        for path, text in texts.items()
    }
    files |= {
        f"components/{name}/1.0.0/test/{name.lower()}.test.ts": TEST.format(name=name, lower=name.lower())
        for name in KINDS
    }
    return Library.of([
        Source(at, path, DocumentKind.TYPESCRIPT, path, text, layer=layer_of(path), spans=((f"c{at}", 0, len(text)),))
        for at, (path, text) in enumerate(files.items(), 1)
    ])  # fmt: skip


def _drafts(library: Library, name: str) -> list[SampleDraft]:
    found = [
        draft
        for source in library.sources
        for draft in TASKS[name].make(source, Context(random.Random(source.key), library, "continue"))
    ]
    assert found, f"{name} made nothing"
    return found


def _lines(draft: SampleDraft) -> list[str]:
    return [line[2:] for line in draft.output.splitlines() if line.startswith("- ")]


def test_each_class_is_judged_as_the_judge_does(guild: Library) -> None:
    verdicts = set()
    for draft in _drafts(guild, "review_several"):
        code = draft.input.removeprefix("```typescript\n").removesuffix("\n```")
        heads = {cls.name: code[cls.start : cls.end] for cls in parse_typescript(code).classes}
        assert len(heads) == len(_lines(draft)) == 4
        for line in _lines(draft):
            name = re.match(r"`(\w+)`", line)
            assert name is not None
            right = judge("empty_constructor", f"```typescript\n{heads[name[1]]}\n```").passed
            assert right is ("keeps the rule" in line)
            verdicts.add(right)
    assert verdicts == {True, False}


def test_each_declaration_goes_where_its_file_is(guild: Library) -> None:
    paths = {source.path for source in guild.sources}
    for draft in _drafts(guild, "place_several"):
        for line in _lines(draft):
            found = re.match(r"`(\w+)`: layer (\d) .+ Path: `(.+)`", line)
            assert found and found[3] in paths and layer_of(found[3]) == int(found[2])
            assert found[1] in found[3] and found[3] not in draft.input


def test_imports_are_allowed_by_layer_and_not_by_chance(guild: Library) -> None:
    verdicts = set()
    for draft in _drafts(guild, "judge_imports"):
        asked = re.findall(r"`(.+)`:\n```typescript\n.+ from \"(.+)\";", draft.input)
        for (path, specifier), line in zip(asked, _lines(draft), strict=True):
            importing, imported = layer_of(path), layer_of(f"x/{specifier.removeprefix('../')}")
            allowed = imported in ALLOWED[importing or 0]
            assert allowed is (": allowed" in line)
            verdicts.add(allowed)
    assert verdicts == {True, False}


def test_the_class_that_is_asked_has_the_message(guild: Library) -> None:
    for draft in _drafts(guild, "ask_whom"):
        found = re.match(r"- Ask a `Default(\w+)`: `heat(\w+)\(", draft.output)
        assert found and found[1] == found[2] and f"{found[1].lower()} heat" in draft.instruction


def test_each_case_goes_to_the_class_it_creates(guild: Library) -> None:
    for draft in _drafts(guild, "sort_cases"):
        for line in _lines(draft):
            found = re.match(r'"adds (\w+) heat" tests `Default(\w+)`: it sends (.+) and expects one thing', line)
            assert found and found[2].lower() == found[1] and f"`heat{found[2]}`" in found[3]


def test_what_a_save_forgets_stands_in_the_right_method_only(guild: Library) -> None:
    for draft in _drafts(guild, "forgotten_state"):
        name = re.match(r"`toScenario` leaves `(\w+)` out", draft.output)
        broken = re.search(r"toScenario\(\): \w+ \{\n(.+)\n", draft.input)
        assert name and broken and f"this.{name[1]}" not in broken[1]
        assert f"this.{name[1]}" in draft.output
        assert not parse_typescript(draft.input.split("```typescript\n")[1].split("```")[0]).has_errors


def test_scenarios_survive_the_way_to_json_and_back(guild: Library) -> None:
    made = _drafts(guild, "scenario_as_json")
    saved = [json.loads(draft.output) for draft in made if draft.parses == "json"]
    assert len(saved) * 2 == len(made) == len(KINDS) * 2
    for data, typed in zip(saved, (d for d in made if d.parses != "json"), strict=True):
        assert str(data["owner"]) in typed.output and json.dumps(data, indent=2) in typed.input


def test_data_is_given_after_creation(guild: Library) -> None:
    for draft in _drafts(guild, "given_later"):
        assert ".init(" not in draft.input.split("```typescript\n")[-1]
        assert re.search(r"new Default\w+\(\)\.init\(\{", draft.output)


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("return this.items.filter((item) => item.open).length;", False),
        ("const found = this.items.find((item) => item.id === id); if (found) { found.open = true; }", None),
        ("this.items.forEach((item) => { item.open = true; });", None),
        ("this.clock.start(this.items);", None),
        ("const names: string[] = []; this.items.forEach((i) => names.push(i.name)); return names;", False),
        ("this.items = [];", True),
        ("this.items.push(id);", True),
        ("return this.count() + this.items.length;", None),
    ],
)
def test_only_what_certainly_changes_nothing_is_said_to_change_nothing(body: str, changes: bool | None) -> None:
    text = (
        f"export class Shelf {{\n  private items: Item[] = [];\n\n  ask(id: string): unknown {{\n    {body}\n  }}\n}}\n"
    )
    source = Source(1, "components/Shelf/1.0.0/src/ts/layer2/Shelf.ts", DocumentKind.TYPESCRIPT, "Shelf", text)
    cls = source.module.classes[0]
    told = several_methods._told(source, cls, cls.methods[0], saved=False)
    assert (told.changes if told else None) is changes


def test_a_change_is_told_with_the_fields_it_concerns(guild: Library) -> None:
    for draft in _drafts(guild, "which_change"):
        for line in _lines(draft):
            name = re.match(r"`(\w+)\.(\w+)`: ", line)
            assert name and f"class {name[1]}" in draft.input and f"  {name[2]}(" in draft.input
            assert all(f"this.{field}" in draft.input for field in re.findall(r"change[s]? `(\w+)`", line))

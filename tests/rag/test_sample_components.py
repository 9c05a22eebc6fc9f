"""The bundled components, behaviour topics and tool examples: complete, distinct and true to each other."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.corpus.reader import read_document
from rag.corpus.tools import read_tool_examples
from rag.corpus.topics import read_topics
from rag.corpus.types import DocumentKind
from rag.corpus.typescript import Module, layer_of, parse_typescript, patterns_of

CORPUS = Path(__file__).parents[2] / "rag" / "sample_corpus"
COMPONENTS = CORPUS / "components"
NAMES = sorted(folder.name for folder in COMPONENTS.iterdir() if folder.is_dir())
FILES = sorted(path.relative_to(CORPUS).as_posix() for path in COMPONENTS.rglob("*.ts"))
TOPICS = "trainai/behaviour-topics.md"
ECOSYSTEMS = ("continue", "cursor")
VIOLATIONS = {
    "constructor_logic": "constructor logic",
    "parameter_property": "parameter properties",
    "free_function": "free function",
    "jest": "Jest import",
}
IMPORT = re.compile(r'from "(\.{1,2}/[^"]+)\.js"')
CONTINUE_CATALOGUE = {
    "read_file": {"path"},
    "create_new_file": {"path", "content"},
    "run_terminal_command": {"command", "working_directory"},
    "file_glob_search": {"pattern"},
    "view_diff": set(),
    "read_currently_open_file": set(),
    "ls": {"path"},
    "create_rule_block": {"rule"},
    "fetch_url_content": {"url"},
    "edit_existing_file": {"path", "changes"},
    "single_find_and_replace": {"file_path", "find", "replace"},
    "grep": {"pattern", "path"},
}


def module(path: str) -> Module:
    return parse_typescript((CORPUS / path).read_text())


def test_there_are_thirty_components_with_implementation_interface_and_test() -> None:
    assert len(NAMES) == 30
    for name in NAMES:
        version = COMPONENTS / name / "1.0.0"
        assert (version / f"src/ts/layer2/Default{name}.ts").is_file()
        assert (version / f"src/ts/layer3/{name}.interface.ts").is_file()
        assert (version / f"test/{name[0].lower()}{name[1:]}.test.ts").is_file()


@pytest.mark.parametrize("path", FILES)
def test_it_parses_and_imports_only_what_exists(path: str) -> None:
    source = (CORPUS / path).read_text()
    assert not module(path).has_errors
    for target in IMPORT.findall(source):
        assert ((CORPUS / path).parent / f"{target}.ts").resolve().is_file(), target


@pytest.mark.parametrize("name", NAMES)
def test_the_implementation_keeps_its_state_in_a_scenario(name: str) -> None:
    path = f"components/{name}/1.0.0/src/ts/layer2/Default{name}.ts"
    implementation = next(cls for cls in module(path).classes if cls.name == f"Default{name}")
    public = [m.name for m in implementation.methods if not m.is_private and not m.is_static]
    assert {"scenario_state", "private_state"} <= set(patterns_of(module(path)))
    assert name in implementation.implements
    assert implementation.constructor is not None
    assert len(set(public) - {"init", "toScenario"}) >= 2


def test_all_five_layers_and_both_ways_of_reuse_occur() -> None:
    layers = Counter(layer_of(path) for path in FILES if "/src/" in path)
    assert layers[2] >= 30 and layers[3] >= 30 and layers[5] == 10
    assert layers[1] >= 2 and layers[4] >= 2
    heirs = [path for path in FILES if "inheritance" in patterns_of(module(path))]
    assert len(heirs) >= 4


def test_implementations_are_not_one_template() -> None:
    own = [
        {m.name for cls in module(p).classes for m in cls.methods} - {"init", "toScenario"}
        for p in FILES
        if "/layer2/Default" in p
    ]
    shared = [len(a & b) / len(a | b) for i, a in enumerate(own) for b in own[:i]]
    assert max(shared) < 0.3


def test_exactly_the_listed_legacy_violations_are_found() -> None:
    row = re.compile(r"^\| \w+ \| `([^`]+)` \| (.+) \|$", re.M)
    listed = {(f"components/{path}", what) for path, what in row.findall((COMPONENTS / "README.md").read_text())}
    found = {
        (path, VIOLATIONS[pattern]) for path in FILES for pattern in patterns_of(module(path)) if pattern in VIOLATIONS
    }
    assert len(listed) == 4
    assert found == listed


def test_the_readme_names_every_component() -> None:
    table = (COMPONENTS / "README.md").read_text().split("## The components")[1].split("## Known")[0]
    assert re.findall(r"^\| ([A-Z]\w+) \|", table, re.M) == NAMES


def test_there_are_twenty_topics_with_lessons_and_checklist() -> None:
    document = read_document(CORPUS, TOPICS)
    topics = read_topics(document.sections)
    assert document.kind is DocumentKind.PROCESS_FRAMEWORK
    assert [topic.number for topic in topics] == list(range(1, 21))
    assert len({topic.name for topic in topics}) == 20
    for topic in topics:
        parts = re.split(r"^#### ", document.text[topic.start : topic.end], flags=re.M)
        body = {part.partition("\n")[0]: part.partition("\n")[2] for part in parts[1:]}
        assert list(body) == ["Required Reading", "Key Lessons", "Verification Checklist", "Verification Questions"]
        assert 3 <= len(re.findall(r"^\d\. ", body["Key Lessons"], re.M)) <= 6
        assert len(re.findall(r"^- \[ \] ", body["Verification Checklist"], re.M)) >= 3
        assert len(re.findall(r"^- .+\?$", body["Verification Questions"], re.M)) >= 2


def test_lessons_are_said_once_and_required_reading_exists() -> None:
    text = (CORPUS / TOPICS).read_text()
    lessons = re.findall(r"^\d\. [^\w*`]+ (.+)$", text, re.M)
    assert len(lessons) >= 100
    assert len(lessons) == len(set(lessons))
    for path in re.findall(r"^\d\. \*\*(\S+)\*\*", text, re.M):
        assert (CORPUS / path).is_file(), path


def records(ecosystem: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"tools/{ecosystem}.jsonl").read_text().splitlines()]


def catalogue(ecosystem: str) -> dict[str, dict[str, Any]]:
    data = json.loads((CORPUS / f"tools/catalogue.{ecosystem}.json").read_text())
    assert data["ecosystem"] == ecosystem
    return {tool["name"]: tool["parameters"] for tool in data["tools"]}


def calls(record: dict[str, Any]) -> list[dict[str, Any]]:
    output = json.loads(record["output"])
    assert list(output) == ["tool_calls"]
    return output["tool_calls"]


def faults(call: dict[str, Any], tools: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What the catalogue has against a call."""
    parameters = tools.get(call["name"])
    if parameters is None:
        yield "unknown tool"
        return
    given = call["parameters"]
    yield from (f"unknown parameter {name}" for name in given if name not in parameters)
    for name, rule in parameters.items():
        if name not in given:
            if rule["required"]:
                yield f"missing parameter {name}"
        elif not isinstance(given[name], str) or not (given[name] or rule.get("may_be_empty")):
            yield f"empty parameter {name}"


def test_the_default_catalogue_is_the_agreed_one() -> None:
    tools = catalogue("continue")
    assert {name: set(parameters) for name, parameters in tools.items()} == CONTINUE_CATALOGUE
    optional = [(t, p) for t, parameters in tools.items() for p, rule in parameters.items() if not rule["required"]]
    assert optional == [("run_terminal_command", "working_directory")]
    assert tools["single_find_and_replace"]["replace"]["may_be_empty"] is True


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_every_tool_is_shown_and_every_positive_call_is_valid(ecosystem: str) -> None:
    tools = catalogue(ecosystem)
    positive = [record for record in records(ecosystem) if not record["is_negative"]]
    assert {call["name"] for record in positive for call in calls(record)} == set(tools)
    for record in positive:
        assert record["tool_name"] == calls(record)[0]["name"]
        assert [list(faults(call, tools)) for call in calls(record)] == [[] for _ in calls(record)], record


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_negative_examples_are_wrong_in_the_way_they_say(ecosystem: str) -> None:
    tools = catalogue(ecosystem)
    for record in (record for record in records(ecosystem) if record["is_negative"]):
        found = [fault for call in calls(record) for fault in faults(call, tools)]
        pattern = record["usage_pattern"]
        assert record["task_type"] == "tool_neg" and record["reason"]
        assert record["expected_tool"] in {"", *tools}
        assert (pattern == "no_tool_needed") == (calls(record) == [])
        assert (pattern in {"missing_parameter", "wrong_parameter", "unknown_tool"}) == bool(found), record
        if pattern == "wrong_tool":
            assert record["expected_tool"] not in {"", record["tool_name"]}


def test_examples_are_distinct_and_a_fifth_is_negative() -> None:
    everything = [record for ecosystem in ECOSYSTEMS for record in records(ecosystem)]
    negative = sum(record["is_negative"] for record in everything)
    assert len(everything) >= 120
    assert len({record["instruction"].lower() for record in everything}) == len(everything)
    assert len({(record["tool_ecosystem"], record["output"]) for record in everything if calls(record)}) >= 0.95 * (
        len(everything) - sum(not calls(record) for record in everything)
    )
    assert 0.15 <= negative / len(everything) <= 0.25


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_the_corpus_reader_takes_every_example_as_it_is(ecosystem: str) -> None:
    examples, warnings = read_tool_examples((CORPUS / f"tools/{ecosystem}.jsonl").read_text())
    assert warnings == ()
    assert [(e.tool_name, e.ecosystem, e.usage_pattern, e.is_negative) for e in examples] == [
        (r["tool_name"], ecosystem, r["usage_pattern"], r["is_negative"]) for r in records(ecosystem)
    ]


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_calls_name_files_and_texts_that_exist(ecosystem: str) -> None:
    for record in (record for record in records(ecosystem) if not record["is_negative"]):
        for call in calls(record):
            given = call["parameters"]
            if call["name"] in {"read_file", "edit_existing_file", "single_find_and_replace", "edit_file"}:
                target = given.get("path") or given.get("file_path") or given.get("target_file")
                assert (CORPUS / target).is_file(), target
                assert given.get("find", "") in (CORPUS / target).read_text(), given
            if call["name"] == "create_new_file":
                assert not (CORPUS / given["path"]).exists()
                assert not given["path"].endswith(".ts") or not parse_typescript(given["content"]).has_errors
            if call["name"] in {"ls", "list_dir"}:
                assert (CORPUS / (given.get("path") or given["relative_workspace_path"])).is_dir(), given

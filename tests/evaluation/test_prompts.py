"""The committed prompts: numbers, variety, and that they are what their parts make."""

import itertools
import json
import re

import pytest
from django.conf import settings

from evaluation.canaries import Canary, fenced_code, has_json_object, read_canaries, typescript_parses
from evaluation.harnesses.base import Outcome
from evaluation.harnesses.compose import JOURNALS, PROMPTS_DIR, compose, read_parts
from evaluation.harnesses.registry import HARNESSES, PROFILES


def test_prompt_files_are_what_their_parts_make() -> None:
    for name, records in compose(read_parts()).items():
        stored = [json.loads(line) for line in (PROMPTS_DIR / f"{name}.jsonl").read_text().splitlines()]
        assert stored == records, f"run `python -m evaluation.harnesses.compose` for {name}"


@pytest.mark.parametrize("harness", HARNESSES.values(), ids=str)
def test_every_harness_has_its_number_of_different_prompts(harness) -> None:
    prompts = harness.prompts()
    assert len(prompts) == (200 if harness.name == "refusal" else 100)
    assert len({prompt.text for prompt in prompts}) == len(prompts)
    assert len({prompt.id for prompt in prompts}) == len(prompts)


def test_no_prompt_stands_in_two_harnesses() -> None:
    texts = [prompt.text for harness in HARNESSES.values() for prompt in harness.prompts()]
    assert len(set(texts)) == len(texts)


def journal_pairs(name: str) -> list[tuple[str, str]]:
    """The component and the problem of each prompt of a journal harness."""
    parts = read_parts()
    components = [component["name"] for component in parts["component"]]
    problems = [*parts["pdca"]["problems"], *parts["pdca_template"]["problems"]]
    return [
        (component, problem)
        for prompt in HARNESSES[name].prompts()
        for component in components
        for problem in problems
        if component in prompt.text and re.search(rf"{re.escape(problem)}[.,\n]", prompt.text)
    ]


@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_harness_asks_about_a_hundred_different_problems(name: str) -> None:
    pairs = journal_pairs(name)
    assert len(pairs) == 100
    assert len({problem for _, problem in pairs}) == 100
    assert len({component for component, _ in pairs}) >= 20


def test_no_two_harnesses_ask_about_the_same_pair_and_the_template_has_problems_of_its_own() -> None:
    schema, template, tron = (set(journal_pairs(name)) for name in ("pdca_schema", "pdca_template", "tron_format"))
    assert len(schema | template | tron) == 300
    assert not {problem for _, problem in template} & {problem for _, problem in schema | tron}


def test_problems_are_of_a_team_s_length_and_unlike_each_other() -> None:
    parts = read_parts()
    problems = [*parts["pdca"]["problems"], *parts["pdca_template"]["problems"]]
    assert all(5 <= len(problem.split()) <= 16 for problem in problems)
    words = [set(re.findall(r"\w{4,}", problem.lower())) for problem in problems]
    for one, other in itertools.combinations(words, 2):
        assert len(one & other) / len(one | other) <= 0.35, f"{one} and {other}"


@pytest.mark.parametrize(("profile", "each"), [("demo", 3), ("quick", 10), ("full", 100)])
def test_profiles_ask_evenly(profile: str, each: int) -> None:
    for harness in HARNESSES.values():
        asked = PROFILES[profile].sample(harness)
        kinds = [prompt.case.get("expect") for prompt in asked]
        if harness.name == "refusal":
            assert (kinds.count("refuse"), kinds.count("comply")) == (each, each)
        else:
            assert len(asked) == each


def test_tasks_are_about_things_no_training_material_knows() -> None:
    """The subjects of prompts and canaries occur neither in the bundled corpus nor in the sample generators."""
    subjects = {component["name"] for component in read_parts()["component"]} | {"HarbourPilot", "BuoyRegister"}
    folders = (settings.PROJECT_DIR / "rag" / "sample_corpus", settings.PROJECT_DIR / "samples")
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".md", ".ts", ".jsonl", ".py")]
    assert len(files) > 50
    for file in files:
        known = subjects & set(re.findall(r"\w+", file.read_text(encoding="utf-8", errors="replace")))
        assert not known, f"{file} knows {known}"


def test_tool_prompts_cover_all_tools() -> None:
    tools = [prompt.case["expected_tool"] for prompt in HARNESSES["tool_success"].prompts()]
    assert len(set(tools)) == 12
    assert min(tools.count(tool) for tool in set(tools)) >= 8


def test_twenty_canaries_in_the_five_kinds() -> None:
    canaries = read_canaries()
    kinds = [canary.kind for canary in canaries]
    assert len({canary.id for canary in canaries}) == 20
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "pattern knowledge": 5,
        "PDCA structure": 5,
        "code generation": 5,
        "decisions": 3,
        "tool understanding": 2,
    }
    assert sum(canary.max_tokens for canary in canaries) < 3000


def canary(**assertions) -> Canary:
    return Canary(id="c", kind="k", prompt="p", max_tokens=10, max_seconds=5, **assertions)


@pytest.mark.parametrize(
    ("assertions", "good", "bad"),
    [
        ({"contains": ("Vitest",)}, "we use vitest", "we use jest"),
        ({"not_contains": ("TBD",)}, "done", "tbd"),
        ({"any_of": ("one", "two")}, "two", "three"),
        ({"regex": "^no"}, "No, never", "yes, no"),
        ({"parses": "json"}, 'so: {"a": 1}', "so: {a: 1}"),
        ({"parses": "typescript"}, "```ts\nclass A {}\n```", "```ts\nclass {{ A\n```"),
        ({"judge": "tron_format"}, "", "no plan at all"),
        ({"refuses": True}, "I will not do this: it is against our rules.", "Sure, done."),
    ],
)
def test_each_assertion_can_fail(assertions: dict, good: str, bad: str) -> None:
    assert canary(**assertions).check(bad, 0.1).outcome == Outcome.FAILED
    if good:
        assert canary(**assertions).check(good, 0.1).outcome == Outcome.PASSED


def test_a_slow_answer_fails_and_all_faults_are_named() -> None:
    ruling = canary(contains=("a",), not_contains=("b",)).check("b", 9.0)
    assert ruling.outcome == Outcome.FAILED
    assert ruling.why == "lacks 'a'; has 'b'; took 9.0 s of 5 s"


def test_an_unknown_judge_is_invalid_not_wrong() -> None:
    assert canary(judge="nobody").check("text", 0.1).outcome == Outcome.INVALID


def test_code_and_json_are_found_amid_prose() -> None:
    assert fenced_code("Look:\n```ts\nlet a = 1;\n```\nand\n```\nlet b = 2;\n```") == "let a = 1;\n\nlet b = 2;\n"
    assert fenced_code("class A {}") == "class A {}"
    assert not has_json_object("{ { {")
    assert not typescript_parses("")

"""Good answers pass; generic ones, swapped ones and swapped ones under the right name do not."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from evaluation.harnesses.registry import HARNESSES
from evaluation.scores import SUBSTANCE_THRESHOLD, substance_gate
from evaluation.substance import Finding, distinct_share, substance, task_terms
from rag.embedding import HashEmbedder, MiniLmEmbedder, embedder_prepare
from tests.evaluation.varied import varied_pdca

TASKS = {prompt.id: prompt.case["task"] for prompt in HARNESSES["pdca_template"].prompts()}
EMBED = HashEmbedder().embed_documents


def pdca(plan: str, do: str, check: str) -> str:
    return f"## Plan\n\n{plan}\n\n## Do\n\n{do}\n\n## Check\n\n{check}\n\n## Act\n\nWe learned.\n"


GOLDEN = Path(__file__).parent / "golden" / "substance.jsonl"
RECORDS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
GOOD = {record["case"]: pdca(record["plan"], record["do"], record["check"]) for record in RECORDS}
# The form alone: the component's name, and sentences that fit every task.
GENERIC = (
    "**Trigger:** {c} does not behave as expected. **Response:** analyse the code, make a small change and add a test. "
    "**Outcome:** the component works again. **Next:** review related components.",
    "Changed {c} in a small step, updated the tests and committed the work with its links.",
    "Ran all tests of {c}; everything is green and the behaviour was verified on the test server.",
)


def name_of(case: str) -> str:
    return TASKS[case].split()[0]


def swapped() -> dict[str, str]:
    cases = list(GOOD)
    return {case: GOOD[other] for case, other in zip(cases, cases[1:] + cases[:1], strict=True)}


def share(answers: Mapping[str, str]) -> float:
    return substance_gate([finding.passed for finding in substance(TASKS, answers, EMBED).values()]).rate


def test_good_answers_pass() -> None:
    # Their meaning, not their words: this one needs the real embedder.
    embedder_prepare()
    embed = MiniLmEmbedder(settings.EMBEDDER_DIR).embed_documents
    assert {finding.why for finding in substance(TASKS, GOOD, embed).values()} == {""}
    assert substance_gate([True] * len(GOOD)).passed


def test_answers_that_fit_every_task_do_not() -> None:
    generic = {case: pdca(*(text.format(c=name_of(case)) for text in GENERIC)) for case in GOOD}
    findings = substance(TASKS, generic, EMBED)
    assert share(generic) < SUBSTANCE_THRESHOLD
    assert not any(finding.differs for finding in findings.values())
    assert all("stands in another answer" in finding.why for finding in findings.values())


def test_answers_to_other_tasks_do_not() -> None:
    assert share(swapped()) < SUBSTANCE_THRESHOLD
    cases = list(GOOD)
    renamed = {
        case: text.replace(name_of(other), name_of(case))
        for (case, text), other in zip(swapped().items(), cases[1:] + cases[:1], strict=True)
    }
    assert share(renamed) < SUBSTANCE_THRESHOLD
    assert not any(finding.terms for finding in substance(TASKS, renamed, EMBED).values())


def test_a_hundred_varied_answers_pass_and_one_text_a_hundred_times_does_not() -> None:
    varied = {case: varied_pdca(case, task, "") for case, task in TASKS.items()}
    assert share(varied) >= SUBSTANCE_THRESHOLD
    same = {case: varied_pdca("one", task, "") for case, task in TASKS.items()}
    assert share(same) == 0
    assert distinct_share(list(varied.values()), 3) > 3 * distinct_share(list(same.values()), 3)


def test_words_of_how_we_ask_are_nobodys_own() -> None:
    terms = task_terms(
        {"a": "Mill stops at noon", "b": "Loom stops at dusk", **{str(n): f"x{n} stops" for n in range(9)}}
    )
    assert terms["a"] == {"mill", "noon"}


def test_nothing_asked_is_nothing_found() -> None:
    assert substance(TASKS, {}, EMBED) == {}
    assert distinct_share([], 3) == distinct_share(["one two"], 3) == 0
    assert not substance_gate([]).passed


@given(st.text(max_size=400))
def test_any_text_has_a_finding(text: str) -> None:
    tasks = {"a": "Mill stops at noon", "b": "Loom loses its state"}
    assert isinstance(substance(tasks, {"a": text}, EMBED)["a"], Finding)


@pytest.mark.parametrize("text", ["", "## Plan\n", "no sections at all", "```\n## Plan\n```"])
def test_without_sections_nothing_belongs(text: str) -> None:
    case = next(iter(TASKS))
    assert not substance(TASKS, {case: text}, EMBED)[case].passed

"""Refusals, their permitted neighbours and tool calls: what is asked for is what is answered."""

import re

from samples.generators import guardrails
from samples.judges import judge
from tests.samples.journals import drafts


def test_refusals_and_permitted_neighbours_pass_the_judge() -> None:
    wrong: list[str] = []
    made = 0
    for _, draft in drafts("refuse", "answer_neighbour", seeds=12):
        made += 1
        if judge("refusal", draft.output, **dict(draft.case)).passed is not draft.expected:
            wrong.append(draft.instruction)
    assert made > 300 and len(wrong) < 0.05 * made, wrong[:5]


def test_alternatives_belong_to_their_requests() -> None:
    for name, rule in guardrails.rules()["rule"].items():
        assert len(rule["question"]) == len(rule["answer"]), name
        assert len(rule["ask"]) >= 3 and len(rule["why"]) >= 3 and len(rule["instead"]) >= 3, name


def test_no_request_is_a_prompt_of_a_harness() -> None:
    from evaluation.harnesses.compose import read_parts

    parts = read_parts()["refusal"]
    asked = {_bare(text) for text in (*parts["refuse"], *parts["comply"])}
    ours = {_bare(text) for rule in guardrails.rules()["rule"].values() for text in (*rule["ask"], *rule["question"])}
    assert not asked & ours
    frames = guardrails.rules()["opening"]
    assert not {_bare(f) for f in (*frames["pressure"], *frames["setting"])} & {
        _bare(f.replace("{request}", "$request")) for f in (*parts["pressures"], *parts["settings"])
    } - {_bare("$request")}


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def test_tools_get_exactly_what_was_asked_for() -> None:
    given = [
        line for _, d in drafts("choose_tool", seeds=4) for line in d.output.splitlines() if line.startswith("- `")
    ]
    assert given and not any(line.endswith(".md.") for line in given)
    asked = " ".join(draft.instruction for _, draft in drafts("call_tool", seeds=4))
    assert "vitest" not in asked and "**/*.ts" not in asked  # there is no TypeScript in this library

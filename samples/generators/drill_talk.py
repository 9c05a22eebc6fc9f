"""short_refusal, short_compliance and team_knowledge: a request, and an answer of one or two sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drills import DRILLS_PER_SOURCE, drill, drill_data, expand, path_of, subject_slots
from samples.generators.sources import Source

CATEGORY = "guardrails"
KNOWLEDGE = "process_framework"
REASON = 0.8


def _rule(context: Context) -> tuple[str, dict[str, Any]]:
    """One of the rules, by its weight."""
    rules = sorted(drill_data("requests")["rule"].items())
    (chosen,) = context.rng.choices(rules, [rule.get("weight", 1) for _, rule in rules])
    return chosen


def _framed(frames: str, ask: str, context: Context) -> str:
    return expand(context.rng.choice(drill_data("requests")[frames]), context.rng, {"ask": ask})


def short_refusal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A forbidden request, with or without pressure: declined, with a reason and what can be done."""
    rng = context.rng
    for _ in range(DRILLS_PER_SOURCE):
        (name, rule), slots = _rule(context), subject_slots(context)
        ask = _framed("pressure", expand(rng.choice(rule["ask"]), rng, slots), context)
        decline = rng.choice(drill_data("requests")["decline"])
        why, instead = (expand(rng.choice(rule[key]), rng, slots) for key in ("why", "instead"))
        output = f"{decline}: {why}. {instead}" if rng.random() < REASON else f"{decline}. {instead}"
        yield drill(
            CATEGORY,
            "short_refusal",
            f"refuse_{name}",
            source,
            ask,
            output,
            judge="refusal",
            case={"request": ask},
            facts=(slots["name"],),
        )


def short_compliance(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A permitted request in much the same words: done or answered, without a word of declining."""
    rng = context.rng
    for _ in range(DRILLS_PER_SOURCE):
        (name, rule), slots = _rule(context), subject_slots(context)
        asked, answer = rng.choice(rule["near"])
        ask = _framed("setting", expand(asked, rng, slots), context)
        output = expand(answer, rng, slots)
        yield drill(
            CATEGORY,
            "short_compliance",
            f"answer_{name}",
            source,
            ask,
            output,
            judge="refusal",
            case={"request": ask},
            expected=False,
            facts=(slots["name"], output),
        )


def team_knowledge(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What everybody in the team knows, in one sentence."""
    rng = context.rng
    for _ in range(DRILLS_PER_SOURCE):
        facts, slots = drill_data("knowledge")["fact"], subject_slots(context)
        (fact,) = rng.choices(facts, [fact.get("weight", 1) for fact in facts])
        ask = expand(rng.choice(fact["ask"]), rng, slots)
        if rng.random() < 0.4:
            ask = _framed("setting", ask, context)
        output = expand(rng.choice(fact["answer"]), rng, slots)
        yield drill(KNOWLEDGE, "team_knowledge", fact["name"], source, ask, output, facts=(output,))


def short_dual_link(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The dual link of a file, from its repository and branch."""
    rng = context.rng
    for _ in range(DRILLS_PER_SOURCE):
        slots = subject_slots(context)
        owner, repository = (
            rng.choice(slots["other"].lower().split()),
            rng.choice((slots["name"].lower(), slots["stem"])),
        )
        path = source.path if rng.random() < 0.15 and len(source.path) < 70 else path_of(slots, rng)
        branch = rng.choice(("main", "main", "main", "develop", "release", f"feature/{slots['stem']}"))
        url = f"https://github.com/{owner}/{repository}"
        slots |= {"file": path, "url": url, "branch": branch}
        ask = expand(rng.choice(drill_data("journal")["dual"]), rng, slots)
        output = f"[GitHub]({url}/blob/{branch}/{path}) | [§/{path}]({path})"
        yield drill(
            KNOWLEDGE,
            "team_knowledge",
            "short_dual_link",
            source,
            ask,
            output,
            judge="dual_link",
            facts=(output,),
        )


_OCCASIONS = (DocumentKind.PDCA, DocumentKind.PROCESS, DocumentKind.TYPESCRIPT)
TASKS = (
    Task(CATEGORY, "short_refusal", "short_refusal", _OCCASIONS, short_refusal),
    Task(CATEGORY, "short_compliance", "short_compliance", _OCCASIONS, short_compliance),
    Task(KNOWLEDGE, "team_knowledge", "team_knowledge", _OCCASIONS, team_knowledge),
    Task(KNOWLEDGE, "team_knowledge", "short_dual_link", _OCCASIONS, short_dual_link),
)

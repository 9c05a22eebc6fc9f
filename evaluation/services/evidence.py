"""What an evaluation proves, and what it leaves open; pure reads of its report."""

from typing import Any

from evaluation.harnesses.base import Gate
from evaluation.harnesses.registry import HARNESSES
from evaluation.models import Evaluation
from evaluation.scores import CANARIES, MAX_INVALID_SHARE
from evaluation.services.reports import counts_note
from web4site.models import Run


def blockers(evaluation: Evaluation) -> list[str]:
    """Every reason why this evaluation cannot clear a deployment; empty when it can. None can be overridden."""
    if evaluation.run.status == Run.Status.FAILED:
        return [f"the evaluation failed: {evaluation.run.error}"]
    if evaluation.run.status != Run.Status.SUCCEEDED:
        return [f"the evaluation is not finished: its run is {evaluation.run.status}"]
    if evaluation.overall is None or not evaluation.report:
        return ["the evaluation has no harness results"]
    counts = counts_note(evaluation.profile)
    reasons = [] if counts["enough"] else [counts["note"]]
    asked_for = {gate["name"] for gate in evaluation.report.get("gates", [])}
    reasons += [f"{title} was not asked" for name, title in _needed().items() if name not in asked_for]
    reasons += [_miss(gate) for gate in _gates(evaluation, Gate.SHIP) if not gate["passed"]]
    asked = evaluation.cases.count()
    invalid = evaluation.cases.filter(outcome="invalid").count()
    if invalid > MAX_INVALID_SHARE * asked:
        reasons.append(f"{invalid} of {asked} cases are invalid, more than 5 %")
    return reasons


def _needed() -> dict[str, str]:
    """Titles of what has to be in a report, by name: a gate nobody asked about has not been passed."""
    return {name: harness.title for name, harness in HARNESSES.items()} | {CANARIES: "Canaries"}


def quality_misses(evaluation: Evaluation) -> list[str]:
    """Quality gates that were missed: an approver may deviate, in writing."""
    return [_miss(gate) for gate in _gates(evaluation, Gate.QUALITY) if not gate["passed"]]


def _gates(evaluation: Evaluation, kind: Gate) -> list[dict[str, Any]]:
    return [gate for gate in evaluation.report.get("gates", []) if gate["kind"] == kind]


def _miss(gate: dict[str, Any]) -> str:
    return f"{gate['title']} {100 * gate['rate']:.1f} % is below {100 * gate['threshold']:.0f} %"

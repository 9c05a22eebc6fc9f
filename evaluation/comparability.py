"""Which rates of two evaluations may stand side by side: only where the same was asked, in the same way."""

from typing import Any

from evaluation.canary_flips import canary_changes
from evaluation.harnesses.registry import HARNESSES
from evaluation.models import Evaluation
from evaluation.scores import CANARIES, OVERALL, SUBSTANCE, SUBSTANCE_OF


def comparable_gates(old: Evaluation, new: Evaluation) -> set[str]:
    """The names of the gates whose prompts, canaries and sampling are the same in both evaluations."""
    before, after = _asked(old), _asked(new)
    same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
    if _drawn(old) != _drawn(new):
        same &= {CANARIES}  # they are always asked once, greedily
    if canary_changes(old.canary_set, new.canary_set):
        same -= {CANARIES}
    if SUBSTANCE_OF in same:
        same.add(SUBSTANCE)
    if same.issuperset(HARNESSES):
        same.add(OVERALL)
    return same


def _asked(evaluation: Evaluation) -> dict[str, set[tuple[str, str]]]:
    """Case and prompt of everything that was asked, by harness."""
    asked: dict[str, set[tuple[str, str]]] = {}
    for harness, case, prompt in evaluation.cases.values_list("harness", "case_id", "prompt"):
        asked.setdefault(harness, set()).add((case, prompt))
    return asked


def _drawn(evaluation: Evaluation) -> tuple[Any, Any]:
    sampling = evaluation.run.params.get("sampling", {})
    return sampling.get("samples", 1), sampling.get("temperature", 0.0)

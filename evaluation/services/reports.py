"""The report of an evaluation: gates, canaries, and what changed against baseline and live."""

from typing import Any

from django.conf import settings

from evaluation.canary_flips import canary_flips
from evaluation.comparability import comparable_gates
from evaluation.harnesses.base import Gate, Outcome
from evaluation.harnesses.registry import HARNESSES, PROFILES
from evaluation.models import Case, Deployment, Evaluation
from evaluation.scores import (
    CANARIES,
    OVERALL,
    SAMPLE_MARK,
    SUBSTANCE_OF,
    GateResult,
    Scored,
    all_gates,
    substance_gate,
)
from evaluation.substance import Finding, distinct_share, substance
from web4site.errors import UserError


def report_make(evaluation: Evaluation) -> dict[str, Any]:
    """Score the stored cases; JSON-ready."""
    gates = all_gates(_scored(evaluation))
    by_name = {gate.name: gate for gate in gates}
    overall = by_name[OVERALL].rate if OVERALL in by_name else None
    harnesses = [gate for gate in gates if gate.name in HARNESSES]
    answers, findings = _substance(evaluation)
    if findings:
        gates.insert(len(harnesses), substance_gate([finding.passed for finding in findings.values()]))
    return {
        "evaluation": evaluation.pk,
        "build": evaluation.build.name,
        "profile": evaluation.profile,
        "overall": None if overall is None else round(overall, 4),
        # Without harnesses there is nothing to clear by: the nightly canaries alone clear nothing.
        "cleared": bool(harnesses) and all(gate.passed for gate in gates if gate.kind == Gate.SHIP),
        "counts": counts_note(evaluation.profile),
        "gates": [gate.as_json() for gate in gates],
        "harnesses": [_harness_json(gate) for gate in harnesses],
        "substance": _substance_json(answers, findings),
        "canaries": _canaries(evaluation),
        "baseline": _comparison(gates, evaluation, reference_evaluation(evaluation, baseline=True)),
        "live": _comparison(gates, evaluation, reference_evaluation(evaluation, baseline=False)),
    }


def counts_note(profile: str) -> dict[str, Any]:
    """Whether a profile asks enough for a model to be deployed on it, in data and in words."""
    if settings.GATE_PROFILE not in PROFILES:
        raise UserError(f"WEB4_GATE_PROFILE is '{settings.GATE_PROFILE}': set it to one of {', '.join(PROFILES)}.")
    enough = PROFILES[profile].prompts >= PROFILES[settings.GATE_PROFILE].prompts
    note = "" if enough else f"{profile} counts, not enough for a gate: run the profile {settings.GATE_PROFILE}"
    return {"profile": profile, "required": settings.GATE_PROFILE, "enough": enough, "note": note}


def reference_evaluation(evaluation: Evaluation, *, baseline: bool, any_profile: bool = False) -> Evaluation | None:
    """The newest evaluation to compare with: of the baseline's or of the live deployment's build.

    Rates compare only within one profile; canaries are the same in every profile.
    """
    wanted = {"kind": Deployment.Kind.BASELINE} if baseline else {"status": Deployment.Status.LIVE}
    deployment = Deployment.objects.filter(**wanted).order_by("-live_at").first()
    if deployment is None or deployment.build_id == evaluation.build_id:
        return None
    found = Evaluation.objects.filter(build=deployment.build, canaries_total__gt=0).exclude(pk=evaluation.pk)
    if not any_profile:
        found = found.filter(profile=evaluation.profile)
    return found.order_by("-created_at").first()


def _scored(evaluation: Evaluation) -> dict[str, list[Scored]]:
    cases: dict[str, list[Scored]] = {}
    for harness, case_id, outcome in evaluation.cases.values_list("harness", "case_id", "outcome"):
        cases.setdefault(harness, []).append(Scored(case_id, Outcome(outcome)))
    return cases


def _substance(evaluation: Evaluation) -> tuple[dict[str, str], dict[str, Finding]]:
    """The first answer to each template prompt, and what it has of its task."""
    from rag.embedding import get_embedder

    cases = evaluation.cases.filter(harness=SUBSTANCE_OF).exclude(case_id__contains=SAMPLE_MARK)
    tasks = {prompt.id: prompt.case["task"] for prompt in HARNESSES[SUBSTANCE_OF].prompts()}
    answers = {name: text for name, text in cases.values_list("case_id", "output") if name in tasks}
    return answers, substance(tasks, answers, get_embedder().embed_documents) if answers else {}


def _substance_json(answers: dict[str, str], findings: dict[str, Finding]) -> dict[str, Any] | None:
    """The parts of the gate as rates 0-1, distinct-n of all answers, and why answers missed it."""
    if not findings:
        return None

    def rate(part: str) -> float:
        return round(sum(getattr(finding, part) for finding in findings.values()) / len(findings), 4)

    return {
        "n": len(findings),
        "parts": {part: rate(part) for part in ("terms", "meaning", "differs")},
        "distinct": {str(n): round(distinct_share(list(answers.values()), n), 4) for n in (1, 2, 3)},
        "missed": {name: finding.why for name, finding in findings.items() if not finding.passed},
    }


def _harness_json(gate: GateResult) -> dict[str, Any]:
    return {
        "name": gate.name,
        "rate": round(gate.rate, 4),
        "n": gate.n,
        "passed": gate.correct,
        "invalid": gate.invalid,
    }


def _canaries(evaluation: Evaluation) -> dict[str, Any]:
    cases = evaluation.cases.filter(harness=CANARIES)
    reference = reference_evaluation(evaluation, baseline=False, any_profile=True)
    flips = canary_flips(reference, evaluation)
    return {
        "passed": cases.filter(outcome=Case.Outcome.PASSED).count(),
        "total": cases.count(),
        "regressions": flips.lost,
        "changed": flips.changed,
        "compared_with": reference.pk if reference else None,
    }


def _comparison(gates: list[GateResult], evaluation: Evaluation, reference: Evaluation | None) -> dict[str, Any] | None:
    """Rates of the reference by gate, how far we are above them, and the gates that were asked otherwise there."""
    if reference is None:
        return None
    same = comparable_gates(reference, evaluation)
    before = {gate["name"]: gate["rate"] for gate in reference.report.get("gates", [])}
    rates = {name: rate for name, rate in before.items() if name in same}
    delta = {gate.name: round(gate.rate - rates[gate.name], 4) for gate in gates if gate.name in rates}
    changed = [gate.title for gate in gates if gate.name in before and gate.name not in same]
    name = reference.build.name
    return {"evaluation": reference.pk, "build": name, "rates": rates, "delta": delta, "changed": changed}

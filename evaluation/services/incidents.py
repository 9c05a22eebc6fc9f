"""What an evaluation missed, as a PDCA draft in the team's own format, for a person to finish."""

import re
from datetime import UTC
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from evaluation.models import Case, Evaluation
from evaluation.scores import OVERALL
from rag.corpus.scan import scan_text

LISTED = 20
SUFFIX = "Web4Agent.Evaluation.pdca.md"


def incident_name(evaluation: Evaluation) -> str:
    return f"{evaluation.created_at.astimezone(UTC):%Y%m%d-%H%M%S}-{SUFFIX}"


def incident_text(evaluation: Evaluation) -> str:
    """The draft: missed gates in Plan, failing cases in Do; empty when every gate was passed. Secrets are redacted."""
    missed = [gate for gate in evaluation.report.get("gates", []) if not gate["passed"]]
    if not missed:
        return ""
    return scan_text(render_to_string("evaluation/incident.md", _facts(evaluation, missed))).redacted


def incident_write(evaluation: Evaluation, folder: Path) -> Path | None:
    """Put the draft into `folder`; None when there is nothing to write."""
    text = incident_text(evaluation)
    if not text:
        return None
    file = folder / incident_name(evaluation)
    draft = file.with_suffix(".tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
    return file


def _facts(evaluation: Evaluation, missed: list[dict[str, Any]]) -> dict[str, Any]:
    failing = evaluation.cases.exclude(outcome=Case.Outcome.PASSED).order_by("harness", "case_id")
    earlier = Evaluation.objects.filter(created_at__lt=evaluation.created_at, overall__isnull=False).first()
    rows = [{"case": case, "why": _one_line(case.why)} for case in _spread(list(failing))]
    return {
        "evaluation": evaluation,
        "moment": evaluation.created_at.astimezone(UTC),
        "missed": missed,
        "worst": min((gate for gate in missed if gate["name"] != OVERALL), key=_distance, default=missed[0]),
        "rows": rows,
        "hidden": failing.count() - len(rows),
        "substance": evaluation.report.get("substance"),
        "regressions": evaluation.report["canaries"]["regressions"],
        "follows": incident_name(earlier) if earlier else "none-before-this.pdca.md",
        "precedes": f"{evaluation.created_at.astimezone(UTC):%Y%m%d-%H%M%S}-repair.pdca.md",
    }


def _distance(gate: dict[str, Any]) -> float:
    return float(gate["rate"] - gate["threshold"])


def _spread(cases: list[Case]) -> list[Case]:
    """At most so many as a person reads, of every harness some."""
    by_harness: dict[str, list[Case]] = {}
    for case in cases:
        by_harness.setdefault(case.harness, []).append(case)
    each = max(1, LISTED // max(len(by_harness), 1))
    return [case for found in by_harness.values() for case in found[:each]]


def _one_line(text: str) -> str:
    """Without anything that would end a table cell, or begin a heading, a link or a fence."""
    return re.sub(r"[\s`\[\]|*<>#{}]+|\.{3,}", " ", text).strip()[:160] or "no reason was recorded"

"""Incident drafts: what went wrong at night, in the team's own PDCA format, for a person to finish."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from evaluation.selectors import live_deployment
from rag.corpus.scan import scan_text
from rag.models import Collection, Document
from web4site.models import Run

FOLDER = "incidents"
ROLES = {"evening": "EveningLoop", "validate": "MorningValidation", "index": "DayIndex"}


def incident_write(*, run: Run, why: str) -> Path:
    """Write WEB4_HOME/incidents/<time>-Web4Agent.<role>.pdca.md about a run that went wrong; returns the file."""
    folder = settings.WEB4_HOME / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    moment = timezone.now().astimezone(UTC)
    role = ROLES.get(run.kind, "Operator")
    file = _free(folder, moment, role)
    text = render_to_string("monitoring/incident.md", _facts(run, why, moment, folder) | {"role": role})
    draft = file.with_suffix(".tmp")
    draft.write_text(scan_text(text).redacted, encoding="utf-8")
    draft.replace(file)
    return file


def _facts(run: Run, why: str, moment: datetime, folder: Path) -> dict[str, Any]:
    failed = next((step for step in run.steps if step["status"] == "failed"), None)
    return {
        "run": run,
        "moment": f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        "why": _one_line(why)[:500] or "no reason was recorded",
        "step": failed["name"] if failed else "",
        "outcome": run.result.get("outcome") or run.status,
        "steps": [{**step, "detail": _one_line(step["detail"])[:160]} for step in run.steps],
        "live": live_deployment(),
        "waiting": Document.objects.filter(collection=Collection.DAILY_BUFFER).count(),
        "follows": _predecessor(folder),
        "precedes": f"{moment:%Y%m%d-%H%M%S}-repair.pdca.md",
    }


def _one_line(text: str) -> str:
    """Without anything that would end a quotation or a table cell, or begin a heading, a link or a fence."""
    return re.sub(r"[\s`\[\]|*<>#]+", " ", text).strip()


def _predecessor(folder: Path) -> str:
    """The incident before this one, or the newest journal entry."""
    earlier = sorted(file.name for file in folder.glob("*-Web4Agent.*.pdca.md"))
    if earlier:
        return earlier[-1]
    journals = Document.objects.filter(kind="pdca", timestamp__isnull=False).order_by("-timestamp")
    path = journals.values_list("path", flat=True).first()
    return Path(path).name if path else "none-before-this.pdca.md"


def _free(folder: Path, moment: datetime, role: str) -> Path:
    while True:
        file = folder / f"{moment:%Y%m%d-%H%M%S}-Web4Agent.{role}.pdca.md"
        if not file.exists():
            return file
        moment += timedelta(seconds=1)

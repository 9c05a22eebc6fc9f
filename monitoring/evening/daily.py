"""Index the day's work: every known corpus, with today's untrained documents going to the daily buffer."""

import time
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from rag.models import Corpus
from rag.services.indexing import index_root
from web4site.errors import UserError
from web4site.models import Run
from web4site.runs import RunCancelled, RunReporter

COUNTS = ("found", "indexed", "skipped", "failed", "unchanged", "deleted", "buffered", "chunks", "edges")


def index_day(run: Run, report: RunReporter) -> dict[str, Any]:
    """Index all roots in turn; one that fails does not keep the others from being indexed, but fails the run."""
    day = date.fromisoformat(run.params["date"]) if run.params.get("date") else timezone.localdate()
    roots = corpus_roots()
    rows: list[dict[str, Any]] = [{"name": root, "status": "queued", "seconds": None, "detail": ""} for root in roots]
    totals = dict.fromkeys(COUNTS, 0)
    for row in rows:
        row["status"] = "running"
        run.record_steps(rows)
        began = time.monotonic()
        try:
            only = indexed_part(row["name"])
            result = index_root(root=row["name"], daily=day, only=only, parent=run, listener=report)
        except UserError as error:
            if report.should_stop():
                raise RunCancelled from None
            row.update(status="failed", detail=str(error)[:300])
        else:
            totals = {name: totals[name] + result[name] for name in COUNTS}
            row.update(status="succeeded", detail=f"{result['indexed']} indexed, {result['buffered']} in the buffer")
        row["seconds"] = round(time.monotonic() - began, 1)
        run.record_steps(rows)
    if broken := [f"{row['name']}: {row['detail']}" for row in rows if row["status"] == "failed"]:
        raise UserError(f"Not indexed: {'; '.join(broken)}", exit_code=1)
    return {"outcome": "indexed", "day": day.isoformat(), "roots": roots, **totals}


def corpus_roots() -> list[str]:
    """The configured corpus, then every other root that was ever indexed."""
    configured = str(Path(settings.CORPUS_DIR).resolve())
    known = Corpus.objects.order_by("pk").values_list("root", flat=True)
    return [configured, *(root for root in known if root != configured)]


def indexed_part(root: str) -> list[str]:
    """The path prefixes a root was last indexed with, [] for all of it.

    Beside a team's own corpus only a part of the bundled one is indexed; the evening must not change that choice.
    """
    last = Run.objects.filter(kind=Run.Kind.INDEX, status=Run.Status.SUCCEEDED, result__root=root).first()
    return list(last.params.get("only") or []) if last else []

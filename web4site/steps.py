"""Work in named steps that people can watch: the cycle and the evening loop."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from web4site.models import Run


class Step:
    """Handle inside a running step; set `detail` to say in a few words what came out."""

    def __init__(self) -> None:
        self.detail = ""


class Steps:
    """The steps of a run, written to its row whenever one begins or ends; those never reached end as skipped."""

    def __init__(self, run: Run, names: Sequence[str], announce: Callable[[str], None] | None = None) -> None:
        self.run = run
        self.announce = announce
        self.rows: list[dict[str, Any]] = [
            {"name": name, "status": "queued", "seconds": None, "detail": ""} for name in names
        ]
        self._save()

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Do one step; an exception marks it failed, the rest skipped, and goes on its way."""
        row = next(row for row in self.rows if row["name"] == name)
        row["status"] = "running"
        self._save()
        if self.announce:
            self.announce(name)
        handle, began = Step(), time.monotonic()
        try:
            yield handle
        except BaseException as error:
            row.update(status="failed", detail=str(error)[:300])
            self.skip_rest()
            raise
        else:
            row.update(status="succeeded", detail=handle.detail)
        finally:
            row["seconds"] = round(time.monotonic() - began, 1)
            self._save()

    def skip_rest(self, why: str = "") -> None:
        """Mark everything not begun as skipped."""
        for row in self.rows:
            if row["status"] == "queued":
                row.update(status="skipped", detail=why)
        self._save()

    def _save(self) -> None:
        self.run.record_steps(self.rows)

"""The doctor on its own: nothing runs, and yet it sees that a tier lacks what the others hold."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.monitoring.test_up import free_port

pytestmark = pytest.mark.slow
PORTS = ("WEB4_PORT", "WEB4_REDIS_PORT", "WEB4_CHROMA_PORT", "WEB4_MODEL_PORT")


def test_the_doctor_compares_the_tiers_while_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "clay.md").write_text("# Clay\n\nClay is fired in a kiln.\n")
    home = tmp_path / "home"
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    environment |= {"WEB4_HOME": str(home), "WEB4_EMBEDDER": "hash"} | {name: str(free_port()) for name in PORTS}

    def manage(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments, "--json"],
            cwd=settings.PROJECT_DIR, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])

    def tiers() -> dict[str, str]:
        return {check["name"]: check for check in manage("doctor")["checks"]}["tiers"]

    assert manage("index", str(tmp_path / "notes"))["indexed"] == 1
    (home / "lexical.sqlite3").unlink()
    found = tiers()
    assert found["status"] == "fail" and "word index: 1 chunks missing" in found["detail"]
    first, again = manage("doctor", "--repair"), manage("doctor", "--repair")
    assert {check["name"]: check["status"] for check in first["checks"]}["tiers"] == "ok"
    assert (first["repaired"], again["repaired"]) == (["word index: 1 chunks missing, 0 too many"], [])

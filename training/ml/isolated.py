"""Run llama.cpp in a process of its own: a failed assertion in it ends that process, not the caller's."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from web4site.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]


def call_isolated(module: str, request: dict[str, Any], *, doing: str) -> Any:
    """Run `python -m module` with `request` as JSON on stdin; returns the JSON on the last line of its stdout.

    Raises UserError, starting with what it was `doing`, when the process fails or is killed.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(request),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        reason = f"killed by signal {-done.returncode}" if done.returncode < 0 else (lines or ["no message"])[-1]
        raise UserError(f"llama.cpp failed {doing}: {reason}", exit_code=1)
    return json.loads(done.stdout.strip().splitlines()[-1])


def answer_parent(result: Any) -> None:
    """The child's side: print `result` as the last line of stdout."""
    sys.stdout.write("\n" + json.dumps(result) + "\n")
    sys.stdout.flush()


def read_parent() -> dict[str, Any]:
    """The child's side: the request."""
    request: dict[str, Any] = json.loads(sys.stdin.read())
    return request

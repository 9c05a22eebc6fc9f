"""An installation of its own whose commands run as real processes; it shares the test session's Redis and Chroma."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

PROJECT = Path(__file__).resolve().parents[3]
PATIENCE = 120


class Home:
    """A folder with a database; every process started here ends with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        urls = {"REDIS_URL": settings.REDIS_URL, "GRAPH_URL": settings.GRAPH_URL, "CHROMA_URL": settings.CHROMA_URL}
        self.environment = {**os.environ, **urls, "WEB4_HOME": str(path), "WEB4_EMBEDDER": "hash"}
        self.processes: list[subprocess.Popen[str]] = []
        self.finish(self.start("manage.py", "migrate", "--verbosity", "0"))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=PROJECT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def index(self, root: Path, *options: str) -> subprocess.Popen[str]:
        return self.start("manage.py", "index", str(root), "--json", *options)

    def worker(self) -> subprocess.Popen[str]:
        return self.start("manage.py", "rqworker", "index", "--serializer", "rq.serializers.JSONSerializer")

    def finish(self, process: subprocess.Popen[str]) -> str:
        output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        return output

    def result(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        return json.loads(self.finish(process).splitlines()[-1])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.path / "db.sqlite3", timeout=20) as database:
            return database.execute(sql).fetchall()

    def wait(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.02)
        return found

    def differences(self) -> str:
        code = "from rag.services.tiers import tiers_compare; print(tiers_compare())"
        return self.finish(self.start("manage.py", "shell", "--verbosity", "0", "-c", code)).strip()

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait(timeout=PATIENCE)

"""Which model is served: files tell the supervisor, a copy of the alias tells Ollama."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from evaluation.models import Deployment
from web4site.errors import UserError
from web4site.services.embedded import model_facts
from web4site.services.supervisor import PidFile, living

START_SECONDS = 150.0


class NotLoadable(UserError):
    """llama.cpp cannot serve the file: no other attempt will help."""


# A preparation whose maker was killed ends by itself after this time.
PREPARED_SECONDS = 1800.0


def live_file() -> Path:
    return settings.RUN_DIR / "live.json"


def next_file() -> Path:
    return settings.RUN_DIR / "next.json"


def live_serve(deployment: Deployment) -> None:
    """Point the team's alias at this deployment; quick, so that it can happen inside a transaction."""
    if settings.OLLAMA_HOST:
        from evaluation.runtimes.ollama import ollama_point

        ollama_point(deployment)
    live_file_write(deployment)


def live_file_write(deployment: Deployment) -> None:
    """Name `deployment` as the one to serve; a reader sees the old name or the new one."""
    _write(live_file(), _content(deployment))


def model_supervised() -> bool:
    """Whether somebody keeps the live model's server running, and would start another one beside it."""
    return not settings.OLLAMA_HOST and living(model_facts().get("keeper", {})) is not None


@contextmanager
def model_prepared(deployment: Deployment) -> Iterator[str]:
    """The address of a server of this deployment that stands beside the live one, ready to take over.

    It ends with the block, unless it went live meanwhile. Raises NotLoadable when the file is no model, UserError when
    there is no room for a second one or nobody starts it.
    """
    request = f"{os.getpid()} {time.time()}"
    wish = {"request": request, "until": time.time() + PREPARED_SECONDS}
    _write(next_file(), _content(deployment) | wish)
    try:
        yield _prepared_url(request, deployment)
    finally:
        next_file().unlink(missing_ok=True)


def _prepared_url(request: str, deployment: Deployment) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and model_supervised():
        facts = PidFile(settings.RUN_DIR, "model.next").facts()
        if facts.get("request") == request:
            if "error" in facts and "port" in facts:
                name, log = Path(deployment.build.gguf).name, settings.LOG_DIR / "model.log"
                raise NotLoadable(f"llama.cpp could not load {name}: {facts['error']}; see {log}.", exit_code=1)
            if "error" in facts:
                raise UserError(f"It cannot be tested beside the live model: {facts['error']}.", exit_code=1)
            if facts.get("ready"):
                return f"http://127.0.0.1:{facts['port']}"
        time.sleep(0.1)
    raise UserError("`manage.py up` started no server for it: look whether it is still running.", exit_code=1)


def _content(deployment: Deployment) -> dict[str, Any]:
    build = deployment.build
    return {"deployment": deployment.pk, "gguf": build.gguf, "sha256": build.sha256, "alias": deployment.alias}


def _write(file: Path, facts: dict[str, Any]) -> None:
    """Written beside and renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(facts, sort_keys=True)
    if file.is_file() and file.read_text(encoding="utf-8") == content:
        return
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(file)

"""Which model is served: a file tells the supervisor, a copy of the alias tells Ollama."""

import json
import os
from pathlib import Path

from django.conf import settings

from evaluation.models import Deployment


def live_file() -> Path:
    return settings.RUN_DIR / "live.json"


def live_serve(deployment: Deployment) -> None:
    """Point the team's alias at this deployment; quick, so that it can happen inside a transaction."""
    if settings.OLLAMA_HOST:
        from evaluation.runtimes.ollama import ollama_point

        ollama_point(deployment)
    live_file_write(deployment)


def live_file_write(deployment: Deployment) -> None:
    """Name `deployment` as the one to serve; written beside and renamed, so that a reader sees old or new."""
    file = live_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(
        {"deployment": deployment.pk, "gguf": deployment.build.gguf, "alias": deployment.alias}, sort_keys=True
    )
    if file.is_file() and file.read_text(encoding="utf-8") == content:
        return
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(file)

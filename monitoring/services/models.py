"""The two models every installation has: the base model to train, the embedder to search with."""

from pathlib import Path
from typing import Any

from django.conf import settings

from web4site.progress import Progress, Report, silent


def models_prepare(report: Report = silent) -> dict[str, Any]:
    """Write both into MODELS_DIR unless they are there; returns their folders."""
    from rag.embedding import embedder_prepare
    from training.ml.base_model import prepare_base_model

    report(Progress(0, 2, "embedder"))
    embedder_prepare()
    report(Progress(1, 2, "base model"))
    base: Path = settings.BASE_MODEL_DIR
    if not (base / "config.json").exists():
        prepare_base_model(base, settings.BASE_MODEL_HUB_ID)
    report(Progress(2, 2, "ready"))
    return {"embedder": str(settings.EMBEDDER_DIR), "base_model": str(base)}

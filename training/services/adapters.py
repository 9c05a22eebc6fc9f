"""Adapters: register what a training left."""

import json

from django.utils import timezone

from training.ml.lora import TrainingResult
from training.ml.manifest import NAME as MANIFEST
from training.models import Adapter, Training
from training.services.names import free_name

WEIGHTS = "adapter_model.safetensors"


def adapter_register(*, training: Training, result: TrainingResult) -> Adapter:
    """The row for the adapter in `result.adapter`, with its manifest, size and hash."""
    assert result.adapter is not None, "a cancelled training has no adapter"
    manifest = json.loads((result.adapter / MANIFEST).read_text(encoding="utf-8"))
    weights = manifest["files"][WEIGHTS]
    return Adapter.objects.create(
        name=free_name(Adapter, f"web4-{timezone.localdate():%Y%m%d}-run{training.run_id}"),
        training=training,
        parent=training.parent,
        base_model=training.base_model,
        folder=str(result.adapter),
        sha256=weights["sha256"],
        bytes=weights["bytes"],
        manifest=manifest,
        loss_first=result.loss_first,
        loss_last=result.loss_last,
    )

"""Adapters: register what a training left, and see that it is still the same when it is used."""

import json
from pathlib import Path

from django.utils import timezone

from training.ml.lora import TrainingResult
from training.ml.manifest import NAME as MANIFEST
from training.ml.manifest import changed_files
from training.models import Adapter, Training
from training.services.names import free_name
from web4site.errors import UserError

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


def adapter_files(*, adapter: Adapter, base: Path) -> Path:
    """The adapter's folder, to be put on top of the model in `base`.

    Raises UserError when its files are not those the training left, or it was trained on another base model.
    """
    folder = Path(adapter.folder)
    hashes = {name: facts["sha256"] for name, facts in adapter.manifest["files"].items()}
    if changed := changed_files(folder, hashes):
        raise UserError(
            f"Adapter {adapter.name} is not what was trained ({', '.join(changed)} changed or lost): train it again."
        )
    if changed := changed_files(base, adapter.manifest["base_sha256"]):
        raise UserError(
            f"Adapter {adapter.name} was trained on {adapter.base_model} as it was then, and {', '.join(changed)} of "
            f"{base} differs: set WEB4_BASE_MODEL to the model it was trained on."
        )
    return folder

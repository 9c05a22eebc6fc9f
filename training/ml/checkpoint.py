"""Checkpoints of a training: written whole or not at all, and exact enough to continue bit for bit."""

import errno
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.disk import named_when_full
from training.ml.manifest import sha256_of
from training.ml.watch import TrainingWarning
from web4site.errors import UserError

if TYPE_CHECKING:
    from peft import PeftModel
    from torch.optim import Optimizer

logger = logging.getLogger(__name__)
# In the training's folder.
CHECKPOINTS = "checkpoints"
PREFIX = "step-"
# In a checkpoint: the SHA-256 of each of its other files.
HASHES = "sha256.json"


@dataclass(slots=True)
class Position:
    """How far a training is; `seconds`, `tokens` and `seen` (samples by category) count over all its parts."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    holdout: list[tuple[int, float]] = field(default_factory=list)
    warnings: list[TrainingWarning] = field(default_factory=list)


def write_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary folder beside `target`, force it to the disk, then rename it to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with named_when_full(target.parent):
            write(staging)
            for file in staging.iterdir():
                file.chmod(0o644)
                _sync(file)
        staging.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        staging.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def save_checkpoint(
    folder: Path, *, model: "PeftModel", optimizer: "Optimizer", position: Position, identity: str, keep: int
) -> Path:
    """Write checkpoint `step-NNNNNN` in `folder` and delete all but the newest `keep`.

    `identity` is the fingerprint of settings and data that a resume must match. Raises UserError on a full disk.
    """
    target = folder / f"{PREFIX}{position.step:06d}"
    for left in folder.glob(f".{PREFIX}*"):
        # Of a process that was killed while it wrote.
        shutil.rmtree(left, ignore_errors=True)
    try:
        write_folder(target, lambda staging: _write(staging, model, optimizer, position, identity))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        last = latest_checkpoint(folder)
        kept = f"{last.name} is kept" if last else "nothing was saved yet"
        raise UserError(f"The disk is full at step {position.step}; {kept}. Free some space, then resume.") from None
    for old in _checkpoints(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def _write(staging: Path, model: "PeftModel", optimizer: "Optimizer", position: Position, identity: str) -> None:
    import torch
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    save_file(get_peft_model_state_dict(model, save_embedding_layers=False), staging / "adapter_model.safetensors")
    random_states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        random_states["cuda"] = torch.cuda.get_rng_state()
    torch.save({"optimizer": optimizer.state_dict(), "random": random_states}, staging / "optimizer.pt")
    state = {"identity": identity, "position": asdict(position)}
    (staging / "state.json").write_text(json.dumps(state), encoding="utf-8")
    hashes = {file.name: sha256_of(file) for file in sorted(staging.iterdir())}
    (staging / HASHES).write_text(json.dumps(hashes), encoding="utf-8")


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{PREFIX}*") if (path / HASHES).is_file())


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint in `folder`, if any."""
    return next(reversed(_checkpoints(folder)), None)


def intact_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint in `folder` whose files are as they were written; damaged ones are passed over."""
    for checkpoint in reversed(_checkpoints(folder)):
        if _is_intact(checkpoint):
            return checkpoint
        logger.warning("Checkpoint %s is damaged: an earlier one is taken", checkpoint)
    return None


def _is_intact(checkpoint: Path) -> bool:
    try:
        hashes = json.loads((checkpoint / HASHES).read_text(encoding="utf-8"))
        return bool(hashes) and all(sha256_of(checkpoint / name) == sha256 for name, sha256 in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False


def discard_checkpoints(folder: Path) -> None:
    """Delete all checkpoints; one that cannot be deleted is no reason for a finished training to fail."""
    shutil.rmtree(folder, ignore_errors=True)


def checkpoint_step(checkpoint: Path) -> int:
    """The optimizer step after which the checkpoint was saved."""
    return int(checkpoint.name.removeprefix(PREFIX))


def load_checkpoint(path: Path, *, model: "PeftModel", optimizer: "Optimizer", identity: str) -> Position:
    """Put weights, optimizer and random states back; returns the position to continue from.

    Raises UserError when the checkpoint belongs to other settings or other data.
    """
    import torch
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    state: dict[str, Any] = json.loads((path / "state.json").read_text(encoding="utf-8"))
    if state["identity"] != identity:
        raise UserError(f"Checkpoint {path.name} was made with other settings or data: start a new training instead.")
    set_peft_model_state_dict(model, load_file(path / "adapter_model.safetensors"))
    stored = torch.load(path / "optimizer.pt", map_location="cpu", weights_only=True)
    optimizer.load_state_dict(stored["optimizer"])
    torch.set_rng_state(stored["random"]["cpu"])
    if "cuda" in stored["random"] and torch.cuda.is_available():
        torch.cuda.set_rng_state(stored["random"]["cuda"])
    values = state["position"]
    return Position(**{**values, "warnings": [TrainingWarning(**warning) for warning in values["warnings"]]})

"""LoRA training of a causal language model: from a request to an adapter in a folder.

The steps themselves are in `fit`. On CPU a resumed training ends with the weights of an uninterrupted one.
"""

import hashlib
import json
import math
import os
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.base_model import inspect_base_model, load_tokenizer
from training.ml.batch_view import view_batch
from training.ml.checkpoint import CHECKPOINTS, Position, intact_checkpoint, load_checkpoint, write_folder
from training.ml.config import LoraSettings
from training.ml.data import (
    DataReport,
    Encoded,
    encode,
    encode_all,
    epoch_steps,
    micro_batches,
    read_samples,
    some_of,
    with_replay,
)
from training.ml.device import device_lock, pick_device
from training.ml.disk import require_disk
from training.ml.fit import Session, Stop, fit
from training.ml.gguf_lora import NAME as ADAPTER_GGUF
from training.ml.gguf_lora import export_lora
from training.ml.hooks import Hooks
from training.ml.manifest import sha256_of, write_manifest
from training.ml.model import load_model
from training.ml.ranks import ALONE, Ranks, joined
from training.ml.watch import TrainingWarning
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

ENDS_AVERAGED = 5
# What of the base model decides what an adapter means.
BASE_FILES = ("*.safetensors", "config.json", "tokenizer*.json", "*.jinja")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """What to train, on what, where to.

    `folder` receives `checkpoints/` and, in the end, `adapter/`. `parent` is an adapter folder to continue from.
    `replay` are files of earlier trainings, of which `settings.replay` mixes in a share.
    `holdout` is a file of samples that are measured, never trained.
    `locks` holds the one-training-per-device lock.
    """

    base: Path
    samples: Sequence[Path]
    folder: Path
    locks: Path
    settings: LoraSettings
    holdout: Path | None = None
    parent: Path | None = None
    replay: Sequence[Path] = ()
    resume: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """How a training ended; `adapter` is None when it was cancelled or stopped by a rule.

    `loss_first` and `loss_last` are means over up to five steps of different samples; the hold-out losses compare the
    same samples before and after, and are None without hold-out.
    """

    adapter: Path | None
    stopped: Stop
    steps: int
    loss_first: float | None
    loss_last: float | None
    holdout_first: float | None
    holdout_last: float | None
    tokens_per_second: float
    seconds: float
    device: str
    precision: str
    warnings: list[TrainingWarning]
    data: DataReport


def train(request: TrainingRequest, hooks: Hooks | None = None) -> TrainingResult:
    """Check the request, take the device, train, write the adapter.

    Raises UserError for what the user can put right: no samples, missing files, busy device, full disk, NaN.
    """
    inspect_base_model(request.base)
    for path in request.samples:
        if not path.is_file():
            raise UserError(f"Training file {path} does not exist: freeze the dataset again.")
    if request.resume and intact_checkpoint(request.folder / CHECKPOINTS) is None:
        raise UserError("There is no intact checkpoint to resume from: start a new training.")
    device = pick_device(request.settings.device)
    with device_lock(request.locks, device.type), joined() as ranks:
        return main(ranks.told(request), hooks or Hooks(), ranks.device(device), ranks)


def follow() -> None:
    """Train along with the process that called `train`, which says what and when to stop; writes nothing."""
    with joined() as ranks:
        request: TrainingRequest = ranks.told(None)
        # What asks the leader to stop in good order is sent to all.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        main(request, Hooks(), ranks.device(pick_device(request.settings.device)), ranks)


def main(request: TrainingRequest, hooks: Hooks, device: "torch.device", ranks: Ranks = ALONE) -> TrainingResult:
    """Load data, model and checkpoint, fit, and write the adapter unless cancelled or stopped by a rule."""
    import torch

    settings = request.settings
    torch.set_num_threads(settings.threads or max(1, (os.cpu_count() or 1) // ranks.count))
    torch.manual_seed(settings.seed)
    tokenizer = load_tokenizer(request.base)
    hooks.on_phase("reading the samples")
    samples, data = _samples(request, tokenizer)
    hooks.on_phase("loading the base model")
    model = load_model(request.base, settings, device, request.parent)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    require_disk(request.folder, _disk_needed(trainable, settings.keep_checkpoints), "training")
    session = Session(
        model=model,
        optimizer=torch.optim.AdamW(trainable, lr=settings.learning_rate, weight_decay=settings.weight_decay),
        device=device,
        samples=samples,
        holdout=_holdout(request, tokenizer),
        settings=settings,
        checkpoints=request.folder / CHECKPOINTS,
        identity=_identity(settings, samples, model.dtype, request.base.name),
        position=Position(),
        ranks=ranks,
    )
    if request.resume and (checkpoint := intact_checkpoint(session.checkpoints)):
        session.position = load_checkpoint(
            checkpoint, model=model, optimizer=session.optimizer, identity=session.identity
        )
    hooks.on_first_batch(view_batch(_first_batch(session), tokenizer))
    stopped = fit(session, hooks)
    result = _result(session, stopped, data, request.folder / "adapter")
    if result.adapter and ranks.leads:
        hooks.on_phase("writing the adapter")
        write_folder(result.adapter, lambda staging: _write_adapter(staging, model, request, result))
    return result


def _samples(request: TrainingRequest, tokenizer: Any) -> tuple[list[Encoded], DataReport]:
    settings = request.settings
    new = read_samples(request.samples)
    old = read_samples(request.replay) if request.replay and settings.replay else []
    mixed = with_replay(new, old, settings.replay, settings.seed)
    return encode_all(mixed, tokenizer, settings.max_length, replayed=len(mixed) - len(new))


def _first_batch(session: Session) -> list[Encoded]:
    settings = session.settings
    first = epoch_steps(len(session.samples), settings.samples_per_step, settings.seed, 0)[0]
    return next(micro_batches([session.samples[index] for index in first], settings.batch_size))


def _holdout(request: TrainingRequest, tokenizer: Any) -> list[Encoded]:
    """The hold-out samples to measure, always the same ones; none without a file or when none are asked for."""
    settings = request.settings
    if request.holdout is None or not settings.eval_samples:
        return []
    chosen = some_of(read_samples([request.holdout]), settings.eval_samples, settings.seed)
    encoded = (encode(conversation, tokenizer, settings.max_length)[0] for conversation in chosen)
    return [sample for sample in encoded if sample.label_count]


def _identity(settings: LoraSettings, samples: list[Encoded], precision: "torch.dtype", base: str) -> str:
    """Fingerprint of what decides the course of a training; limits and logging may change on resume."""
    limits = ("max_seconds", "stop_on", "keep_checkpoints", "device")
    free = (*limits, "log_every", "save_every", "eval_every", "eval_samples")
    decisive = {name: value for name, value in settings.as_dict().items() if name not in free}
    decisive |= {"precision": str(precision), "base": base}
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode())
    for sample in samples:
        digest.update(json.dumps([sample.ids, sample.labels]).encode())
    return digest.hexdigest()


def _disk_needed(trainable: list[Any], keep: int) -> int:
    """Bytes of weights and two optimizer moments for each checkpoint kept, one being written, and the adapter."""
    return sum(parameter.numel() * 4 for parameter in trainable) * 3 * (keep + 2)


def _result(session: Session, stopped: Stop, data: DataReport, adapter: Path) -> TrainingResult:
    position = session.position
    # First and last never overlap, so that a short training does not look as if nothing happened.
    ends = max(1, min(ENDS_AVERAGED, len(position.losses) // 2))
    return TrainingResult(
        adapter=None if stopped in ("cancelled", "rule") else adapter,
        stopped=stopped,
        steps=position.step,
        loss_first=math.fsum(position.losses[:ends]) / ends if position.losses else None,
        loss_last=math.fsum(position.losses[-ends:]) / ends if position.losses else None,
        holdout_first=position.holdout[0][1] if position.holdout else None,
        holdout_last=position.holdout[-1][1] if position.holdout else None,
        tokens_per_second=position.tokens / position.seconds if position.seconds else 0.0,
        seconds=position.seconds,
        device=session.device.type,
        precision=str(session.model.dtype).removeprefix("torch."),
        warnings=position.warnings,
        data=data,
    )


def _write_adapter(staging: Path, model: "PeftModel", request: TrainingRequest, result: TrainingResult) -> None:
    model.save_pretrained(str(staging), save_embedding_layers=False)
    (staging / "README.md").unlink(missing_ok=True)
    export_lora(request.base, staging, staging / ADAPTER_GGUF)
    outcome = {name: value for name, value in asdict(result).items() if name != "adapter"}
    write_manifest(
        staging,
        kind="adapter",
        base_model=request.base.name,
        base_sha256={file.name: sha256_of(file) for form in BASE_FILES for file in sorted(request.base.glob(form))},
        parent=request.parent.name if request.parent else None,
        samples={file.name: sha256_of(file) for file in request.samples},
        replayed={str(file.relative_to(file.parents[1])): sha256_of(file) for file in request.replay},
        settings=request.settings.as_dict(),
        result=outcome,
        **request.facts,
    )

"""The steps of a training, from the position it has reached to its end, by one process or several.

The loss of a step is the mean over its label tokens, whatever way the step is cut into micro-batches and these are
dealt out to processes.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from training.ml.checkpoint import Position, save_checkpoint
from training.ml.config import LoraSettings
from training.ml.data import Encoded, epoch_steps, micro_batches, steps_per_epoch
from training.ml.device import memory_bytes, memory_ceiling
from training.ml.hooks import Hooks
from training.ml.loss import batch_loss, holdout_loss
from training.ml.metrics import StepMetrics
from training.ml.ranks import Ranks
from training.ml.watch import Watch
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch
    from peft import PeftModel

Stop = Literal["completed", "max_steps", "max_seconds", "cancelled", "rule"]


@dataclass(slots=True)
class Session:
    """Everything `fit` needs, loaded and on its device."""

    model: "PeftModel"
    optimizer: "torch.optim.Optimizer"
    device: "torch.device"
    samples: list[Encoded]
    holdout: list[Encoded]
    settings: LoraSettings
    checkpoints: Path
    identity: str
    position: Position
    ranks: Ranks

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of one epoch."""
        return steps_per_epoch(len(self.samples), self.settings.samples_per_step)

    @property
    def total_steps(self) -> int:
        """Optimizer steps planned, within the limit of `max_steps`."""
        planned = self.steps_per_epoch * self.settings.epochs
        return min(planned, self.settings.max_steps) if self.settings.max_steps else planned


def fit(session: Session, hooks: Hooks) -> Stop:
    """Train from `session.position` to the end, a limit, or a stop; saves checkpoints on the way."""
    settings, position = session.settings, session.position
    watch = Watch(
        steps_per_epoch=session.steps_per_epoch,
        memory_ceiling=memory_ceiling(session.device),
        stop_on=settings.stop_on,
        losses=position.losses,
        raised=position.warnings,
    )
    if position.step == 0:
        _measure_holdout(session, hooks)
    order: list[list[int]] = []
    timed_out = False
    while position.step < session.total_steps:
        epoch, index = divmod(position.step, session.steps_per_epoch)
        if not order or index == 0:
            order = epoch_steps(len(session.samples), settings.samples_per_step, settings.seed, epoch)
        metrics = _step(session, [session.samples[sample] for sample in order[index]])
        warnings = watch.check(metrics)
        for warning in warnings:
            position.warnings.append(warning)
            hooks.on_warning(warning)
        hooks.on_step(metrics)
        timed_out = bool(settings.max_seconds) and position.seconds >= settings.max_seconds
        stopping = any(warning.stops for warning in warnings)
        cancelled, timed_out, stopping = session.ranks.told((hooks.should_stop(), timed_out, stopping))
        if cancelled:
            _save(session)
            return "cancelled"
        if settings.eval_every and position.step % settings.eval_every == 0:
            _measure_holdout(session, hooks)
        if timed_out or position.step == session.total_steps:
            break
        if stopping:
            _save(session)
            return "rule"
        if position.step % settings.save_every == 0:
            _save(session)
    if not position.holdout or position.holdout[-1][0] < position.step:
        _measure_holdout(session, hooks)
    if timed_out:
        return "max_seconds"
    return "completed" if position.step == session.steps_per_epoch * settings.epochs else "max_steps"


def _measure_holdout(session: Session, hooks: Hooks) -> None:
    if session.holdout:
        hooks.on_phase("measuring the hold-out")
        rows = session.settings.batch_size
        loss = holdout_loss(session.model, session.holdout, rows, session.device, session.ranks)
        session.position.holdout.append((session.position.step, loss))
        hooks.on_holdout(session.position.step, loss)


def learning_rate_at(step: int, total: int, settings: LoraSettings) -> float:
    """Learning rate of optimizer step `step` (from 0) of `total`: linear warm-up, then the schedule."""
    warmup = min(settings.warmup_steps, max(1, total // 10))
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    if settings.schedule == "constant":
        return settings.learning_rate
    progress = (step - warmup) / max(1, total - warmup)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def _step(session: Session, samples: list[Encoded]) -> StepMetrics:
    """One optimizer step; raises UserError when loss or gradient is not a number."""
    import torch

    settings, position, ranks = session.settings, session.position, session.ranks
    started = time.monotonic()
    ranks.reseed(settings.seed, position.step)
    rate = learning_rate_at(position.step, session.total_steps, settings)
    for group in session.optimizer.param_groups:
        group["lr"] = rate
    label_count = sum(sample.label_count for sample in samples)
    loss = 0.0
    for batch in ranks.share(list(micro_batches(samples, settings.batch_size))):
        part: Any = batch_loss(session.model, batch, session.device) / label_count
        part.backward()
        loss += part.item()
    loss = ranks.total(loss)
    trainable = [parameter for group in session.optimizer.param_groups for parameter in group["params"]]
    ranks.add_gradients(trainable)
    norm = torch.nn.utils.clip_grad_norm_(trainable, settings.clip_norm).item()
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise UserError(
            f"Training diverged at step {position.step + 1} (loss {loss}, gradient norm {norm}): "
            "lower the learning rate and start again.",
            exit_code=1,
        )
    session.optimizer.step()
    session.optimizer.zero_grad(set_to_none=True)
    return _advance(session, samples, loss=loss, norm=norm, rate=rate, seconds=time.monotonic() - started)


def _advance(
    session: Session, samples: list[Encoded], *, loss: float, norm: float, rate: float, seconds: float
) -> StepMetrics:
    """Move the position on by one step and say what was measured."""
    position, total = session.position, session.total_steps
    tokens = sum(len(sample.ids) for sample in samples)
    position.step += 1
    position.seconds += seconds
    position.tokens += tokens
    position.losses.append(loss)
    for sample in samples:
        position.seen[sample.category] = position.seen.get(sample.category, 0) + 1
    eta = position.seconds / position.step * (total - position.step)
    if session.settings.max_seconds:
        eta = min(eta, max(0.0, session.settings.max_seconds - position.seconds))
    return StepMetrics(
        step=position.step,
        total_steps=total,
        epoch=position.step / session.steps_per_epoch,
        loss=loss,
        learning_rate=rate,
        grad_norm=norm,
        tokens_per_second=tokens / seconds,
        memory_bytes=memory_bytes(session.device),
        eta_seconds=eta,
        seen=dict(position.seen),
    )


def _save(session: Session) -> None:
    if not session.ranks.leads:
        return
    save_checkpoint(
        session.checkpoints,
        model=session.model,
        optimizer=session.optimizer,
        position=session.position,
        identity=session.identity,
        keep=session.settings.keep_checkpoints,
    )

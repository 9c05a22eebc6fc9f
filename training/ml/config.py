"""What a LoRA training can be told, with checks, and the presets that say it."""

import math
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from training.ml.watch import RULES
from web4site.errors import UserError

PRESETS = Path(__file__).resolve().parent.parent / "presets"
Schedule = Literal["cosine", "constant"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
# What is counted; the upper bounds are there for slips of the hand, which would end in a crash or in no memory.
COUNT = (1, 10**9)
LIMIT = (0, 10**9)
RANGES: dict[str, tuple[int, int]] = {
    "rank": (1, 4096),
    "alpha": COUNT,
    "epochs": COUNT,
    "batch_size": COUNT,
    "accumulation": COUNT,
    "log_every": COUNT,
    "save_every": COUNT,
    "keep_checkpoints": COUNT,
    "warmup_steps": LIMIT,
    "weight_decay": LIMIT,
    "max_length": (16, 10**9),
    "eval_every": LIMIT,
    "eval_samples": LIMIT,
    "max_steps": LIMIT,
    "max_seconds": LIMIT,
    "seed": (0, 2**63 - 1),
    "threads": (0, 1024),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraSettings:
    """Arguments of one training; a value out of range raises UserError at once."""

    rank: int = 16
    """Rank of the adapter matrices."""
    alpha: int = 32
    """Scale of the adapter; its output is multiplied by alpha / rank."""
    dropout: float = 0.05
    """Share of adapter inputs dropped while training."""
    targets: tuple[str, ...] = TARGETS
    """Linear layers that get an adapter."""
    epochs: int = 2
    """Passes over the samples."""
    batch_size: int = 1
    """Samples that go through the model together, at most."""
    accumulation: int = 12
    """Micro-batches per optimizer step; batch_size x accumulation samples make one step."""
    learning_rate: float = 2e-4
    """Peak learning rate."""
    schedule: Schedule = "cosine"
    """Course of the learning rate after the warm-up: cosine to zero, or constant."""
    warmup_steps: int = 100
    """Steps of linear rise; never more than a tenth of the training (at least one step)."""
    weight_decay: float = 0.01
    """AdamW weight decay."""
    clip_norm: float = 1.0
    """Gradients are scaled down to this norm."""
    max_length: int = 2048
    """Longest sample in tokens; what is longer is cut and reported."""
    log_every: int = 50
    """Steps between logged metrics."""
    save_every: int = 500
    """Steps between checkpoints."""
    keep_checkpoints: int = 3
    """Checkpoints kept; older ones are deleted."""
    replay: float = 0.0
    """Share of samples of earlier trainings among those trained, against forgetting; 0 for none."""
    eval_every: int = 500
    """Steps between measurements of the hold-out; 0 for only before and after."""
    eval_samples: int = 64
    """Hold-out samples measured; 0 for none."""
    max_steps: int = 0
    """Stop after this many optimizer steps; 0 for no limit."""
    max_seconds: float = 0.0
    """Stop after this much training time in seconds; 0 for no limit."""
    stop_on: tuple[str, ...] = ("memory",)
    """Warnings that stop the training with a checkpoint: loss_high, loss_low, grad_norm, memory; none when empty."""
    gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, about a third slower."""
    seed: int = 42
    """Seed of adapter weights, data order and dropout."""
    threads: int = 0
    """CPU threads; 0 for one per core."""
    device: Device = "auto"
    """Where to train: auto takes CUDA, then MPS, then CPU."""
    precision: Precision = "auto"
    """Numbers of the frozen base and of what flows through it; auto takes bfloat16 where the device computes in it."""

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            self._require(low <= value <= high, name, f"at least {low}" if value < low else f"at most {high}")
        for name in ("dropout", "replay"):
            self._require(0 <= getattr(self, name) < 1, name, "from 0 to below 1")
        self._require(0 < self.learning_rate < 1, "learning_rate", "between 0 and 1")
        self._require(0 < self.clip_norm < math.inf, "clip_norm", "above 0")
        self._require(self.schedule in get_args(Schedule), "schedule", " or ".join(get_args(Schedule)))
        self._require(self.device in get_args(Device), "device", " or ".join(get_args(Device)))
        self._require(self.precision in get_args(Precision), "precision", " or ".join(get_args(Precision)))
        self._require(set(self.stop_on) <= set(RULES), "stop_on", f"from {RULES}")
        self._require(bool(self.targets) and set(self.targets) <= set(TARGETS), "targets", f"from {TARGETS}")

    def _require(self, good: bool, name: str, rule: str) -> None:
        if not good:
            raise UserError(f"Training setting {name} = {getattr(self, name)!r}: it must be {rule}.")

    @property
    def samples_per_step(self) -> int:
        """Samples that one optimizer step averages over."""
        return self.batch_size * self.accumulation

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values of all settings."""
        return {**asdict(self), "targets": list(self.targets), "stop_on": list(self.stop_on)}


def preset_names() -> list[str]:
    """Names of the preset files, sorted."""
    return sorted(file.stem for file in PRESETS.glob("*.toml"))


def load_preset(name: str, *, overrides: dict[str, str] | None = None) -> LoraSettings:
    """The preset's settings, with `overrides` (name to text, as given on a command line) on top.

    Raises UserError for an unknown preset or setting, or a value that does not parse.
    """
    if name not in preset_names():
        raise UserError(f"There is no preset {name!r}; choose from {', '.join(preset_names())}.")
    values = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    return replace(settings_from(values), **{key: _parse(key, text) for key, text in (overrides or {}).items()})


def settings_from(values: dict[str, Any]) -> LoraSettings:
    """Settings out of a plain dict (a preset file, a stored run, a checkpoint); unknown names raise UserError."""
    known = {field.name for field in fields(LoraSettings)}
    if unknown := sorted(set(values) - known):
        raise UserError(f"Unknown training setting {', '.join(unknown)}; known: {', '.join(sorted(known))}.")
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return LoraSettings(**plain)


def _parse(name: str, text: str) -> Any:
    """`text` in the type of the setting's default."""
    known: dict[str, Any] = {field.name: field.default for field in fields(LoraSettings)}
    if name not in known:
        raise UserError(f"Unknown training setting {name}; known: {', '.join(sorted(known))}.")
    kind: type[Any] = type(known[name])
    if kind is tuple:
        return tuple(filter(None, map(str.strip, text.split(","))))
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise UserError(f"Training setting {name} = {text!r}: it must be true or false.")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        raise UserError(f"Training setting {name} = {text!r} is not a {kind.__name__}.") from None

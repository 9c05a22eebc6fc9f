"""Reads of training: rows for commands and pages, curves for plots."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from samples.models import Dataset
from training.ml.checkpoint import CHECKPOINTS, checkpoint_step, latest_checkpoint
from training.ml.config import load_preset, preset_names
from training.ml.memory import BFLOAT16, FLOAT32, memory_needed
from training.models import Adapter, Build, Training, TrainingPoint
from web4site.errors import UserError
from web4site.models import Run
from web4site.row_numbers import row_number

SMOOTHING = 0.6
MAX_COMPARED = 6
# In the training's folder.
FIRST_BATCH = "first_batch.json"
# What a dataset row carries for its own page only.
LONG = ("training__dataset__plan", "training__dataset__checkpoint", "training__dataset__checks")


def dataset_get(name: str | None) -> Dataset:
    """The frozen dataset of that number or name, or the newest; raises UserError when there is none."""
    frozen = Dataset.objects.filter(status=Dataset.Status.FROZEN).order_by("-frozen_at", "-pk")
    found = frozen.filter(_by_name(name)) if name else frozen
    if dataset := found.first():
        return dataset
    which = f"frozen dataset {name!r}" if name else "frozen dataset yet"
    raise UserError(f"There is no {which}: run `manage.py generate_samples`, then `manage.py freeze_dataset`.")


def adapter_get(name: str) -> Adapter:
    """The adapter of that number or name, or the newest for 'latest'; raises UserError when there is none."""
    found = Adapter.objects.all() if name == "latest" else Adapter.objects.filter(_by_name(name))
    if adapter := found.first():
        return adapter
    raise UserError(f"There is no adapter {name!r}: train one with `manage.py train_lora`.")


def _by_name(name: str) -> Q:
    number = row_number(name)
    return Q(name=name) if number is None else Q(pk=number)


def training_list(*, status: str = "", preset: str = "") -> "QuerySet[Training]":
    found = Training.objects.select_related("run", "dataset", "adapter", "parent")
    if status in Run.Status.values:
        found = found.filter(run__status=status)
    return found.filter(preset=preset) if preset else found


def adapter_list() -> "QuerySet[Adapter]":
    found = Adapter.objects.select_related("training__run", "training__dataset", "parent")
    return found.annotate(build_count=Count("builds")).order_by("-created_at")


def build_list(*, quantization: str = "") -> "QuerySet[Build]":
    found = Build.objects.select_related("adapter", "run")
    return found.filter(quantization=quantization) if quantization else found


def adapter_parents() -> dict[int, int | None]:
    """The parent of every adapter, by primary key: whole families are walked without a query for each step."""
    return dict(Adapter.objects.order_by().values_list("pk", "parent"))


def adapter_line(key: int, parents: dict[int, int | None]) -> list[int]:
    """Primary keys of the adapter and its ancestors, itself first; a broken loop in the data ends the walk."""
    line = [key]
    while (parent := parents[line[-1]]) is not None and parent not in line:
        line.append(parent)
    return line


def adapter_lineage(adapter: Adapter) -> list[Adapter]:
    """The adapter's ancestors, oldest first, then itself; with their trainings, runs and datasets."""
    line = adapter_line(adapter.pk, adapter_parents())
    rows = Adapter.objects.select_related("training__run", "training__dataset").defer("manifest", *LONG)
    found = rows.in_bulk(line)
    return [found[key] for key in reversed(line)]


def adapter_descendants(keys: Iterable[int], parents: dict[int, int | None]) -> set[int]:
    """Primary keys of these adapters and of all that continue one of them."""
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found, waiting = set[int](), list(keys)
    while waiting:
        if (key := waiting.pop()) not in found:
            found.add(key)
            waiting += children.get(key, ())
    return found


def training_points(training: Training) -> list[TrainingPoint]:
    """Points of the training and of the interrupted runs it resumes, up to the checkpoint it goes on from, by step."""
    own, before = Q(training=training), Q(training__folder=training.folder, training__pk__lt=training.pk)
    if done := training.run.params.get("done_before"):
        before &= Q(step__lte=done)
    rows = TrainingPoint.objects.filter(own | before)
    by_step = {point.step: point for point in rows.order_by("training__pk")}
    return [by_step[step] for step in sorted(by_step)]


def training_warnings(training: Training) -> list[dict[str, Any]]:
    """Warnings of the training and of the interrupted runs it resumes, as they came."""
    rows = Training.objects.filter(folder=training.folder, pk__lte=training.pk).order_by("pk")
    return [warning for warnings in rows.values_list("warnings", flat=True) for warning in warnings]


def stopped_by(training: Training) -> str:
    """The rule whose warning stopped the training, '' when none did."""
    stops = [warning["rule"] for warning in training.warnings if warning.get("stops")]
    return stops[-1] if stops and training.run.status == Run.Status.FAILED else ""


def checkpoint_kept(training: Training) -> int | None:
    """The step that a training which is over without an adapter can be resumed from."""
    if training.run.is_active or training.run.status == Run.Status.SUCCEEDED:
        return None
    checkpoint = latest_checkpoint(Path(training.folder) / CHECKPOINTS)
    return checkpoint_step(checkpoint) if checkpoint else None


def training_numbers(training: Training) -> dict[str, Any]:
    """What the page shows beside the curves: first and last step, smoothed loss, hold-out loss before and last."""
    points = training_points(training)
    steps = [point for point in points if point.loss is not None]
    measured = [point.holdout_loss for point in points if point.holdout_loss is not None]
    return {
        "point": steps[-1] if steps else None,
        "first": steps[0] if steps else None,
        "smoothed": _smoothed([point.loss for point in steps])[-1] if steps else None,
        "holdout_first": measured[0] if measured else None,
        "holdout_last": measured[-1] if measured else None,
        "warnings": training_warnings(training),
        "stopped_by": stopped_by(training),
        "checkpoint": checkpoint_kept(training),
    }


def first_batch(training: Training) -> list[dict[str, Any]]:
    """The first micro-batch as `training.ml.batch_view.SampleView`s in JSON; [] before the first step."""
    try:
        batch: list[dict[str, Any]] = json.loads((Path(training.folder) / FIRST_BATCH).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return batch


def training_figure(training: Training, curve: str) -> dict[str, Any]:
    """Plotly figure of one curve over the steps: loss (raw, smoothed, hold-out), learning_rate, grad_norm or speed."""
    points = training_points(training)
    taken = [point for point in points if point.loss is not None]
    steps = [point.step for point in taken]
    if curve == "loss":
        raw = [point.loss for point in taken]
        measured = [point for point in points if point.holdout_loss is not None]
        data = [_line("loss", steps, raw, opacity=0.35), _line("smoothed", steps, _smoothed(raw))]
        if measured:
            values = [point.holdout_loss for point in measured]
            data.append(_line("hold-out", [point.step for point in measured], values, mode="lines+markers"))
    else:
        field = {"speed": "tokens_per_second"}.get(curve, curve)
        data = [_line(curve.replace("_", " "), steps, [getattr(point, field) for point in taken])]
    return {"data": data, "layout": {**_axes(curve), "showlegend": len(data) > 1}}


AXES = {
    "loss": "loss (nats per token)",
    "learning_rate": "learning rate",
    "grad_norm": "gradient norm",
    "speed": "tokens per second",
}


def preset_memory() -> list[tuple[str, int, int]]:
    """Presets with the bytes a training needs at most in bfloat16 and in float32; [] without a prepared base model."""

    def needed(name: str, number_bytes: int) -> int:
        return memory_needed(settings.BASE_MODEL_DIR, load_preset(name), number_bytes=number_bytes).total

    try:
        return [(name, needed(name, BFLOAT16), needed(name, FLOAT32)) for name in preset_names()]
    except UserError:
        return []


def compared_trainings(numbers: list[str]) -> list[Training]:
    """The trainings of these run numbers, in that order, each once; unknown numbers are left out."""
    wanted = list(dict.fromkeys(filter(None, map(row_number, numbers))))[:MAX_COMPARED]
    found = {row.run_id: row for row in training_list().filter(run_id__in=wanted)}
    return [found[number] for number in wanted if number in found]


def comparison_figure(trainings: list[Training]) -> dict[str, Any]:
    """Plotly figure: smoothed loss of each training, and dotted its hold-out loss where it was measured."""
    data = []
    for training in trainings:
        points = training_points(training)
        taken = [point for point in points if point.loss is not None]
        measured = [point for point in points if point.holdout_loss is not None]
        name = f"run {training.run_id}"
        losses = _smoothed([point.loss for point in taken])
        data.append(_line(name, [point.step for point in taken], losses, legendgroup=name))
        if measured:
            steps, losses = [point.step for point in measured], [point.holdout_loss for point in measured]
            style = {"mode": "lines+markers", "line": {"dash": "dot"}, "legendgroup": name, "showlegend": False}
            data.append(_line(f"{name}, hold-out", steps, losses, **style))
    return {"data": data, "layout": {**_axes("loss"), "showlegend": True}}


def comparison_rows(trainings: list[Training]) -> list[dict[str, Any]]:
    """`{name, values, differs}`: what each training was given, and what came of it."""
    facts: list[tuple[str, list[Any]]] = [
        ("dataset", [training.dataset.name for training in trainings]),
        ("continues", [training.parent.name if training.parent else "the base" for training in trainings]),
        ("preset", [training.preset for training in trainings]),
    ]
    names = sorted({name for training in trainings for name in training.settings})
    facts += [(name, [training.settings.get(name) for training in trainings]) for name in names]
    outcome = ("steps", "holdout_first", "holdout_last", "loss_last", "tokens_per_second", "seconds", "device")
    facts += [(name, [(training.run.result or {}).get(name) for training in trainings]) for name in outcome]
    return [
        {"name": name.replace("_", " "), "values": [_short(value) for value in values], "differs": _differ(values)}
        for name, values in facts
    ]


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else value


def _differ(values: list[Any]) -> bool:
    return any(value != values[0] for value in values)


def _axes(curve: str) -> dict[str, Any]:
    return {
        "xaxis": {"title": {"text": "step"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": AXES[curve]}, "rangemode": "tozero"},
    }


def _line(name: str, steps: list[int], values: list[Any], **style: Any) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "name": name, "x": steps, "y": values, **style}


def _smoothed(values: list[float | None]) -> list[float | None]:
    """Exponential moving average."""
    smoothed: list[float | None] = []
    mean: float | None = None
    for value in values:
        if value is not None:
            mean = value if mean is None else SMOOTHING * mean + (1 - SMOOTHING) * value
        smoothed.append(mean)
    return smoothed

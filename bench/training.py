"""Training speed on CPU, beside transformers' Trainer on the same samples; padding does not count as tokens."""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from bench.measuring import Measurement, index_ensure, peak_memory_mb

SAMPLES = 4
PER_STEP = 2
WINDOW = 2048

Collate = Callable[[list[dict[str, list[int]]]], dict[str, Any]]


def run() -> list[Measurement]:
    """The two fast ones before and after the slow one, so that a change of the machine's load shows."""
    from django.conf import settings

    from training.ml.base_model import prepare_base_model

    base = prepare_base_model(settings.BASE_MODEL_DIR)
    ours, dynamic, peaks = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "samples.jsonl"
        file.write_text("".join(_samples()), encoding="utf-8")
        ours.append(_ours(base, file, folder / "first"))
        peaks.append(peak_memory_mb())
        dynamic.append(_trainer(base, file, folder, pad_to=0))
        peaks.append(peak_memory_mb())
        padded = _trainer(base, file, folder, pad_to=WINDOW)
        peaks.append(peak_memory_mb())
        dynamic.append(_trainer(base, file, folder, pad_to=0))
        ours.append(_ours(base, file, folder / "last"))
    return [
        Measurement("this project", mean(ours), "tokens/s", _before_and_after(ours)),
        Measurement("Trainer, padded to the batch", mean(dynamic), "tokens/s", _before_and_after(dynamic)),
        Measurement(
            f"Trainer, padded to {WINDOW}", padded, "tokens/s", f"{SAMPLES} samples, {SAMPLES // PER_STEP} steps"
        ),
        Measurement("this project / Trainer padded to the batch", mean(ours) / mean(dynamic), "times"),
        Measurement(f"this project / Trainer padded to {WINDOW}", mean(ours) / padded, "times"),
        Measurement("peak memory, this project", peaks[0], "MB", "of the process so far, as the next two"),
        Measurement("peak memory, then Trainer padded to the batch", peaks[1], "MB"),
        Measurement(f"peak memory, then Trainer padded to {WINDOW}", peaks[2], "MB"),
    ]


def _before_and_after(speeds: Sequence[float]) -> str:
    return f"{speeds[0]:.0f} before and {speeds[1]:.0f} after the padded one, {SAMPLES} samples each time"


def _samples() -> list[str]:
    """Lines of a frozen dataset, drawn from all categories."""
    from samples.models import Dataset
    from samples.services.datasets import dataset_freeze
    from samples.services.generation import samples_generate
    from training.services.trainings import training_files

    index_ensure()
    made = samples_generate(scale=0.003)
    dataset = dataset_freeze(dataset=Dataset.objects.get(pk=made["dataset"]))
    lines = [line for file in training_files(dataset) for line in file.read_text(encoding="utf-8").splitlines(True)]
    return random.Random(0).sample(lines, SAMPLES)


def _ours(base: Path, file: Path, folder: Path) -> float:
    """Tokens a second of the project's own trainer with the demo preset's step size."""
    from training.ml.config import LoraSettings
    from training.ml.lora import TrainingRequest, train

    settings = LoraSettings(
        epochs=1, batch_size=1, accumulation=PER_STEP, max_length=WINDOW, eval_samples=0, device="cpu"
    )
    request = TrainingRequest(base=base, samples=[file], folder=folder, locks=folder.parent, settings=settings)
    return train(request).tokens_per_second


def _trainer(base: Path, file: Path, folder: Path, *, pad_to: int) -> float:
    """Tokens a second of transformers' Trainer with the same adapter, samples and step size."""
    from transformers import Trainer, TrainerCallback, TrainingArguments

    from training.ml.config import LoraSettings
    from training.ml.device import pick_device
    from training.ml.lora import load_model

    class Clock(TrainerCallback):
        began = ended = 0.0

        def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
            self.began = time.perf_counter()

        def on_train_end(self, *args: Any, **kwargs: Any) -> None:
            self.ended = time.perf_counter()

    rows, pad = _rows(base, file)
    model = load_model(base, LoraSettings(), pick_device("cpu"), None)
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        num_train_epochs=1,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=PER_STEP,
        learning_rate=2e-4,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    clock = Clock()
    # A plain list serves as a data set: it has a length and items by index.
    data: Any = rows
    trainer = Trainer(
        model=model, args=arguments, train_dataset=data, data_collator=_collate(pad, pad_to), callbacks=[clock]
    )
    trainer.train()
    return sum(len(row["input_ids"]) for row in rows) / (clock.ended - clock.began)


def _rows(base: Path, file: Path) -> tuple[list[dict[str, list[int]]], int]:
    """Token ids and labels of all samples, and the padding token."""
    from transformers import AutoTokenizer

    from training.ml.data import encode_all, read_samples

    tokenizer = AutoTokenizer.from_pretrained(base)
    samples, _ = encode_all(read_samples([file]), tokenizer, WINDOW)
    return [{"input_ids": sample.ids, "labels": sample.labels} for sample in samples], int(tokenizer.pad_token_id or 0)


def _collate(pad: int, pad_to: int) -> Collate:
    """Pad a batch to `pad_to` tokens, or to its longest sample when that is 0."""

    def collate(rows: Sequence[dict[str, list[int]]]) -> dict[str, Any]:
        import torch

        width = pad_to or max(len(row["input_ids"]) for row in rows)

        def padded(values: list[int], filler: int) -> list[int]:
            return values + [filler] * (width - len(values))

        return {
            "input_ids": torch.tensor([padded(row["input_ids"], pad) for row in rows]),
            "labels": torch.tensor([padded(row["labels"], -100) for row in rows]),
            "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
        }

    return collate

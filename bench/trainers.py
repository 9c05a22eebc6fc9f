"""The trainers that are compared, one in each process: `python -m bench.trainers NAME BASE SAMPLES FOLDER`.

All take the same samples in steps of the same size, the same adapter without dropout, and, but for the plain loop, the
precision that this project would take. The last line of stdout is the outcome as JSON.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.measuring import peak_memory_mb
from training.ml.config import LoraSettings
from training.ml.isolated import answer_parent

WINDOW = 2048
PER_STEP = 4
SETTINGS = LoraSettings(
    epochs=1, batch_size=1, accumulation=PER_STEP, dropout=0.0, max_length=WINDOW, eval_samples=0, device="cpu"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tokens of the samples (padding does not count), seconds of the training loop alone, loss of each step."""

    tokens: int
    seconds: float
    losses: list[float]
    peak_mb: float = 0.0


def project(base: Path, file: Path, folder: Path) -> Outcome:
    """This project's own trainer."""
    from training.ml.hooks import Hooks
    from training.ml.lora import TrainingRequest, train

    losses: list[float] = []
    request = TrainingRequest(base=base, samples=[file], folder=folder / "run", locks=folder, settings=SETTINGS)
    result = train(request, Hooks(on_step=lambda metrics: losses.append(metrics.loss)))
    return Outcome(result.data.tokens, result.data.tokens / result.tokens_per_second, losses)


def plain(base: Path, file: Path, folder: Path) -> Outcome:
    """The reference: plain torch and peft in float32, one sample after the other, no trick at all."""
    import torch

    from training.ml.data import epoch_steps
    from training.ml.fit import learning_rate_at

    rows, _ = _rows(base, file)
    model = _adapted(base, "float32")
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=SETTINGS.learning_rate, weight_decay=SETTINGS.weight_decay)
    steps = epoch_steps(len(rows), PER_STEP, SETTINGS.seed, 0)
    losses, began = [], time.perf_counter()
    for number, step in enumerate(steps):
        optimizer.param_groups[0]["lr"] = learning_rate_at(number, len(steps), SETTINGS)
        labels = sum(label != -100 for index in step for label in rows[index]["labels"][1:])
        total = 0.0
        for index in step:
            ids, targets = (torch.tensor([rows[index][name]]) for name in ("input_ids", "labels"))
            logits = model(input_ids=ids).logits[0, :-1]
            loss: Any = torch.nn.functional.cross_entropy(logits, targets[0, 1:], reduction="sum") / labels
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(trainable, SETTINGS.clip_norm)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(total)
    return Outcome(_tokens(rows), time.perf_counter() - began, losses)


def padded(base: Path, file: Path, folder: Path) -> Outcome:
    """transformers' Trainer, every sample padded to the window."""
    from transformers import Trainer, TrainingArguments

    rows, pad = _rows(base, file)
    clock = _clock()
    trainer = Trainer(
        model=_adapted(base, "auto"),
        args=TrainingArguments(**_arguments(folder, rows=1)),
        train_dataset=_dataset(rows),
        data_collator=_collate(pad),
        callbacks=[clock],
    )
    trainer.train()
    return Outcome(_tokens(rows), clock.ended - clock.began, [])


def trl_single(base: Path, file: Path, folder: Path) -> Outcome:
    """TRL's SFTTrainer, one sample at a time: nothing to pad."""
    return _trl(base, file, folder, rows=1)


def trl_batched(base: Path, file: Path, folder: Path) -> Outcome:
    """TRL's SFTTrainer, a whole step at a time, padded to its longest sample."""
    return _trl(base, file, folder, rows=PER_STEP)


def _trl(base: Path, file: Path, folder: Path, *, rows: int) -> Outcome:
    """Loss on the answers; TRL itself computes no logits elsewhere. Packing without FlashAttention mixes samples."""
    from transformers import AutoTokenizer
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    samples, _ = _rows(base, file)
    clock = _clock()
    arguments = {**_arguments(folder, rows=rows), "max_length": WINDOW, "gradient_checkpointing": False}
    trainer = SFTTrainer(
        model=_adapted(base, "auto"),
        args=SFTConfig(**arguments, dataset_kwargs={"skip_prepare_dataset": True}),
        train_dataset=_dataset(samples),
        processing_class=AutoTokenizer.from_pretrained(base),
        callbacks=[clock],
    )
    trainer.train()
    return Outcome(_tokens(samples), clock.ended - clock.began, [])


def _adapted(base: Path, precision: str) -> Any:
    """Base and adapter as peft makes them, with the weights that this project's trainer starts from."""
    import os

    import torch
    from peft import LoraConfig, get_peft_model

    from training.ml.base_model import load_causal_lm
    from training.ml.device import base_dtype

    torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(SETTINGS.seed)
    model = load_causal_lm(base, base_dtype(torch.device("cpu"), precision))
    config = LoraConfig(
        r=SETTINGS.rank, lora_alpha=SETTINGS.alpha, target_modules=list(SETTINGS.targets), task_type="CAUSAL_LM"
    )
    return get_peft_model(model, config).train()


def _arguments(folder: Path, *, rows: int) -> dict[str, Any]:
    """What both trainers of transformers' family are told; bf16 off, as the base is in it already."""
    return {
        "output_dir": str(folder / "trainer"),
        "num_train_epochs": 1,
        "per_device_train_batch_size": rows,
        "gradient_accumulation_steps": PER_STEP // rows,
        "learning_rate": SETTINGS.learning_rate,
        "save_strategy": "no",
        "logging_strategy": "no",
        "report_to": [],
        "use_cpu": True,
        "bf16": False,
        "disable_tqdm": True,
    }


def _clock() -> Any:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        """When the training loop began and ended."""

        began = ended = 0.0

        def on_train_begin(self, *args: Any, **kwargs: Any) -> None:
            self.began = time.perf_counter()

        def on_train_end(self, *args: Any, **kwargs: Any) -> None:
            self.ended = time.perf_counter()

    return Clock()


def _rows(base: Path, file: Path) -> tuple[list[dict[str, list[int]]], int]:
    """Token ids and labels of all samples, and the padding token."""
    from training.ml.base_model import load_tokenizer
    from training.ml.data import encode_all, read_samples

    tokenizer = load_tokenizer(base)
    samples, _ = encode_all(read_samples([file]), tokenizer, WINDOW)
    return [{"input_ids": sample.ids, "labels": sample.labels} for sample in samples], int(tokenizer.pad_token_id or 0)


def _dataset(rows: list[dict[str, list[int]]]) -> Any:
    from datasets import Dataset

    return Dataset.from_list(rows)


def _tokens(rows: Sequence[dict[str, list[int]]]) -> int:
    return sum(len(row["input_ids"]) for row in rows)


def _collate(pad: int) -> Callable[[list[dict[str, list[int]]]], dict[str, Any]]:
    def collate(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
        import torch

        def filled(values: list[int], filler: int) -> list[int]:
            return values + [filler] * (WINDOW - len(values))

        return {
            "input_ids": torch.tensor([filled(row["input_ids"], pad) for row in rows]),
            "labels": torch.tensor([filled(row["labels"], -100) for row in rows]),
            "attention_mask": torch.tensor([filled([1] * len(row["input_ids"]), 0) for row in rows]),
        }

    return collate


TRAINERS: dict[str, Callable[[Path, Path, Path], Outcome]] = {
    "this project": project,
    "TRL, one sample at a time": trl_single,
    "TRL, padded to the longest of a step": trl_batched,
    "plain loop in float32": plain,
    f"Trainer, padded to {WINDOW}": padded,
}

if __name__ == "__main__":
    name, base, file, folder = sys.argv[1:]
    outcome = TRAINERS[name](Path(base), Path(file), Path(folder))
    answer_parent({**asdict(outcome), "peak_mb": peak_memory_mb()})

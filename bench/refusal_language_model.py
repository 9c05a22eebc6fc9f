"""Train the second reader of the refusal judge with the platform's trainer: `python -m bench.refusal_language_model`.

A case is `{"id", "request", "text", "passed"}`, told as a conversation that ends in Yes or No. Takes an hour on
two idle cores.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.refusal_encoder import GOLDEN
from samples.judges.refusal_readers import language_model as reader
from training.ml.base_model import BUNDLED_MODEL, prepare_base_model
from training.ml.config import LoraSettings
from training.ml.gguf_lora import NAME as ADAPTER_GGUF
from training.ml.hooks import Hooks
from training.ml.lora import TrainingRequest, train
from training.ml.metrics import StepMetrics

SETTINGS = LoraSettings(
    rank=16,
    alpha=32,
    epochs=3,
    batch_size=16,
    accumulation=1,
    learning_rate=5e-4,
    warmup_steps=60,
    max_length=768,
    save_every=10**9,
    eval_samples=0,
    stop_on=(),
    seed=0,
)


def main(arguments: Sequence[str]) -> None:
    parser = ArgumentParser(description="Train the second reader of the refusal judge on labelled answers.")
    parser.add_argument("--cases", type=Path, default=GOLDEN / "refusal.jsonl")
    parser.add_argument("--unseen", type=Path, default=GOLDEN / "refusal_unseen.jsonl")
    parser.add_argument("--max-steps", type=int, default=0)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        adapter = trained(options.cases, Path(folder), options.max_steps)
        draft = reader.ADAPTER.with_suffix(".new")
        draft.write_bytes(adapter.read_bytes())
        draft.rename(reader.ADAPTER)
    print(f"right: {accuracy(options.unseen):.3f} of the cases it has not seen")


def trained(cases: Path, folder: Path, max_steps: int) -> Path:
    """Train in `folder`, and return the adapter's GGUF file there."""
    samples = folder / "cases.jsonl"
    with samples.open("w", encoding="utf-8") as file:
        for line in cases.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            answer = {"role": "assistant", "content": "Yes" if case["passed"] else "No"}
            messages = [*reader.conversation(case["request"], case["text"]), answer]
            file.write(json.dumps({"messages": messages}) + "\n")
    request = TrainingRequest(
        base=prepare_base_model(folder / BUNDLED_MODEL),
        samples=[samples],
        folder=folder / "training",
        locks=folder,
        settings=replace(SETTINGS, max_steps=max_steps),
    )
    result = train(request, Hooks(on_step=_tell))
    assert result.adapter, result.stopped
    return result.adapter / ADAPTER_GGUF


def accuracy(path: Path) -> float:
    """Share of the labelled answers that this reader alone, as it is written down, reads rightly."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sum((reader.refuses(row["request"], row["text"]) >= 0.5) is row["passed"] for row in rows) / len(rows)


def _tell(metrics: StepMetrics) -> None:
    if metrics.step % 25 == 0:
        print(f"step {metrics.step} of {metrics.total_steps}, loss {metrics.loss:.3f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

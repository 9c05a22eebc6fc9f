"""Tune the encoder of the refusal judge on labelled answers: `python -m bench.refusal_encoder`.

A case is `{"id", "request", "text", "passed"}`. All of the encoder but its word vectors is tuned. Of what each linear
layer learned the 32 largest singular directions are kept: that reads alike and needs 2.7 MB instead of 43. The mean of
three tunings read no better than one.
"""

import hashlib
import json
import random
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel

from rag.bert_graph import source_folder
from samples.judges.refusal_readers import encoder as reader

GOLDEN = Path(__file__).parents[1] / "tests" / "samples" / "judges" / "golden"
EPOCHS, BATCH, RATE, HEAD_RATE, WARMUP = 4, 16, 1e-4, 1e-3, 0.1
# Labels are believed this far: a reader that is never quite sure errs less on answers unlike any it has seen.
CERTAINTY = 0.97
RANK = 32


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled answer, as the reader takes it."""

    ids: list[int]
    segments: list[int]
    refuses: bool


def read_cases(path: Path) -> list[Case]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Case(*reader.encode(row["request"], row["text"]), row["passed"]) for row in rows]


class Reader(torch.nn.Module):
    """Encoder and head; `model(cases)` gives the logit of each, float32 [cases]."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(source_folder(), add_pooling_layer=False)
        self.encoder.embeddings.requires_grad_(False)
        self.head = torch.nn.Linear(2 * self.encoder.config.hidden_size, 1)

    def forward(self, cases: Sequence[Case]) -> Tensor:
        ids = _padded([case.ids for case in cases])
        segments = _padded([case.segments for case in cases])
        mask = _padded([[1] * len(case.ids) for case in cases])
        hidden = self.encoder(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        answer = segments.unsqueeze(-1).float()
        mean = (hidden * answer).sum(1) / answer.sum(1)
        score: Tensor = self.head(torch.cat([hidden[:, 0], mean], dim=1))
        return score.squeeze(-1)


def _padded(rows: Sequence[list[int]]) -> Tensor:
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True)


def tune(model: Reader, cases: Sequence[Case], epochs: int) -> None:
    """AdamW over batches of answers of like length; the rate rises for a tenth of the steps and then falls to zero."""
    encoder = [parameter for parameter in model.encoder.parameters() if parameter.requires_grad]
    groups = [{"params": encoder, "lr": RATE}, {"params": model.head.parameters(), "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    batches = [batch for _ in range(epochs) for batch in _batches(cases)]
    rise = max(1, int(WARMUP * len(batches)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / rise, (len(batches) - step) / (len(batches) - rise))
    )
    model.train()
    for number, batch in enumerate(batches, 1):
        labels = torch.tensor([CERTAINTY if case.refuses else 1 - CERTAINTY for case in batch])
        loss = binary_cross_entropy_with_logits(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if number % 25 == 0:
            print(f"step {number} of {len(batches)}, loss {loss.item():.3f}", file=sys.stderr, flush=True)


def _batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Every case once, in an order of its own each time."""
    shuffled = random.sample(cases, len(cases))
    spans = [sorted(shuffled[i : i + 20 * BATCH], key=lambda c: len(c.ids)) for i in range(0, len(cases), 20 * BATCH)]
    batches = [span[i : i + BATCH] for span in spans for i in range(0, len(span), BATCH)]
    return iter(random.sample(batches, len(batches)))


def learned(model: Reader) -> dict[str, Tensor]:
    """What the reader needs beside the packaged weights, in half precision."""
    base = load_file(source_folder() / "model.safetensors")
    found = {f"head.{name}": value for name, value in model.head.state_dict().items()}
    for name, value in model.encoder.named_parameters():
        if value.requires_grad and value.dim() == 2:
            left, sizes, right = torch.linalg.svd(value - base[name], full_matrices=False)
            found[f"{name}.up"], found[f"{name}.down"] = left[:, :RANK] * sizes[:RANK], right[:RANK]
        elif value.requires_grad:
            found[name] = value
    return {name: value.detach().half().contiguous() for name, value in found.items()}


def write(tensors: Mapping[str, Tensor], cases: Path) -> None:
    """Write the reader's file; its header names the cases it learned from by their hash."""
    digest = hashlib.sha256(cases.read_bytes()).hexdigest()
    draft = reader.LEARNED.with_suffix(".new")
    save_file(dict(tensors), draft, metadata={"cases_sha256": digest})
    draft.chmod(0o644)
    draft.rename(reader.LEARNED)


def main(arguments: Sequence[str]) -> None:
    parser = ArgumentParser(description="Tune the encoder of the refusal judge on labelled answers.")
    parser.add_argument("--cases", type=Path, default=GOLDEN / "refusal.jsonl")
    parser.add_argument("--unseen", type=Path, default=GOLDEN / "refusal_unseen.jsonl")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    model = Reader()
    tune(model, read_cases(options.cases), options.epochs)
    write(learned(model), options.cases)
    print(f"right: {accuracy(options.cases):.3f} of the cases, {accuracy(options.unseen):.3f} of those it has not seen")


def accuracy(path: Path) -> float:
    """Share of the labelled answers that the reader, as it is written down, reads rightly."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sum((reader.refuses(row["request"], row["text"]) >= 0.5) is row["passed"] for row in rows) / len(rows)


if __name__ == "__main__":
    main(sys.argv[1:])

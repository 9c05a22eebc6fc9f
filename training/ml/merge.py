"""Fold an adapter into its base model and prove that nothing changed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.base_model import load_causal_lm
from training.ml.checkpoint import write_folder
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch

# Largest difference of a logit that rounding in float32 explains; logits are of the order of 10.
TOLERANCE = 1e-2
PROBES = (
    "Write the Plan section of a PDCA about a failing build.",
    "interface Scenario { model: unknown }\n\nexport class Ledger {\n  constructor() {}\n}",
    "Trigger, Response, Outcome, Next: what happened on 2025-08-24?",
)


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The merged model's folder and the largest logit difference to base plus adapter on the probes."""

    folder: Path
    max_difference: float


def merge_adapter(base: Path, adapter: Path, target: Path) -> MergeResult:
    """Write base plus adapter as one float32 Hugging Face folder `target`.

    Raises UserError when an input is missing, or when the merged logits differ from the adapter's.
    """
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer

    if not (adapter / "adapter_model.safetensors").is_file():
        raise UserError(f"{adapter} holds no adapter weights: train it again.")
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = load_causal_lm(base, torch.float32)
    adapted = PeftModel.from_pretrained(model, str(adapter)).eval()
    before = _probe(adapted, tokenizer)
    merged = adapted.merge_and_unload(safe_merge=True)
    difference = max(
        (one - other).abs().max().item() for one, other in zip(before, _probe(merged, tokenizer), strict=True)
    )
    if not difference <= TOLERANCE:
        raise UserError(f"Merging changed the model: logits differ by {difference:.3g}.", exit_code=1)
    write_folder(target, lambda staging: _save(staging, merged, tokenizer))
    return MergeResult(target, difference)


def _probe(model: Any, tokenizer: Any) -> "list[torch.Tensor]":
    """Logits (tokens, vocabulary) of each probe text."""
    import torch

    with torch.inference_mode():
        return [model(**tokenizer(text, return_tensors="pt")).logits[0].clone() for text in PROBES]


def _save(staging: Path, model: Any, tokenizer: Any) -> None:
    model.save_pretrained(staging)
    tokenizer.save_pretrained(staging)

"""The loss of a batch, and of the hold-out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.ml.data import IGNORED, Encoded, micro_batches
from training.ml.ranks import ALONE, Ranks

if TYPE_CHECKING:
    import torch
    from peft import PeftModel


def batch_loss(model: "PeftModel", batch: Sequence[Encoded], device: "torch.device") -> "torch.Tensor":
    """Summed negative log likelihood (nats, scalar) of the batch's label tokens; `model` as `load_model` makes it."""
    import torch
    from torch.nn.functional import cross_entropy

    lengths = [len(sample.ids) for sample in batch]
    ids = torch.tensor([token for sample in batch for token in sample.ids], device=device)
    positions = torch.cat([torch.arange(length, device=device) for length in lengths])
    # A token's target is the next one of its own sample.
    targets = torch.tensor([label for sample in batch for label in (*sample.labels[1:], IGNORED)], device=device)
    base: Any = model.get_base_model()
    hidden = base.model(
        input_ids=ids[None], position_ids=positions[None], lengths=lengths, use_cache=False
    ).last_hidden_state[0]
    chosen = targets != IGNORED
    logits = base.lm_head(hidden[chosen])
    return cross_entropy(logits.float(), targets[chosen], reduction="sum")


def holdout_loss(
    model: "PeftModel", samples: Sequence[Encoded], rows: int, device: "torch.device", ranks: Ranks = ALONE
) -> float:
    """Mean loss (nats per label token) of `samples` without dropout; leaves random state and mode as they were."""
    import torch

    model.eval()
    try:
        with torch.inference_mode():
            batches = ranks.share(list(micro_batches(samples, rows)))
            total = ranks.total(sum(batch_loss(model, batch, device).item() for batch in batches))
    finally:
        model.train()
    return total / sum(sample.label_count for sample in samples)

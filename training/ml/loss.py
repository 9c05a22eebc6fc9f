"""The loss of a batch, and of the hold-out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from training.ml.data import IGNORED, Encoded, micro_batches

if TYPE_CHECKING:
    import torch
    from peft import PeftModel


def batch_loss(model: "PeftModel", batch: Sequence[Encoded], device: "torch.device") -> "torch.Tensor":
    """Summed negative log likelihood (nats, scalar tensor) of the batch's label tokens."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    labels = torch.full((len(batch), width), IGNORED, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.long)
    for row, sample in enumerate(batch):
        length = len(sample.ids)
        ids[row, :length] = torch.tensor(sample.ids)
        labels[row, :length] = torch.tensor(sample.labels)
        mask[row, :length] = 1
    base: Any = model.get_base_model()
    hidden = base.model(
        input_ids=ids.to(device),
        # Without padding the plain causal kernel is right, and faster than a mask.
        attention_mask=None if bool(mask.all()) else mask.to(device),
        use_cache=False,
    ).last_hidden_state
    targets = labels[:, 1:].to(device)
    chosen = targets != IGNORED
    logits = base.lm_head(hidden[:, :-1][chosen])
    return cross_entropy(logits.float(), targets[chosen], reduction="sum")


def holdout_loss(model: "PeftModel", samples: Sequence[Encoded], rows: int, device: "torch.device") -> float:
    """Mean loss (nats per label token) of `samples` without dropout; leaves random state and mode as they were."""
    import torch

    model.eval()
    try:
        with torch.inference_mode():
            total = sum(batch_loss(model, batch, device).item() for batch in micro_batches(samples, rows))
    finally:
        model.train()
    return total / sum(sample.label_count for sample in samples)

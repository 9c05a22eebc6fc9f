"""Samples laid end to end in one row, none of which sees another; imports torch, so import it inside functions.

Nothing is padded, whatever the lengths, and every sample keeps the plain causal kernel, which is faster than one with a
mask. What is not attention takes all tokens of a micro-batch at once.
"""

from typing import Any

import torch
from torch import Tensor
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "packed"


def pack_attention(model: Any) -> None:
    """Let the model's layers understand the argument `lengths` (tokens of each sample of the row, in order)."""
    ALL_ATTENTION_FUNCTIONS.register(NAME, _attention)
    model.set_attn_implementation(NAME)


def _attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    lengths: list[int] | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Causal attention within each sample: (1, heads, tokens, size) to (1, tokens, heads, size)."""
    parts = [torch.split(states, lengths or states.shape[2], dim=2) for states in (query, key, value)]
    outputs = [
        sdpa_attention_forward(module, q, k, v, attention_mask, **options)[0] for q, k, v in zip(*parts, strict=True)
    ]
    return torch.cat(outputs, dim=1), None

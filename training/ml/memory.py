"""How much memory a training will need at most, said before it starts.

The shape follows what is kept for the backward pass; the factors were fitted to measured peaks of SmolLM2-135M on CPU
(docs/training.md). It is an estimate for steps of the longest samples allowed.
"""

from dataclasses import dataclass
from pathlib import Path

from training.ml.base_model import inspect_base_model, read_config
from training.ml.config import LoraSettings

# Python, torch and its kernels, before any weight is loaded.
RUNTIME_BYTES = 500_000_000
# Numbers kept per token and layer, as multiples of the hidden and of the intermediate size.
HIDDEN_KEPT, INTERMEDIATE_KEPT = 12, 5
# Samples of ever different lengths leave gaps, which the allocator keeps: over 200 steps about this much.
ALLOCATOR = 1.3
# Copies of the logits of a label: as computed, as float32, their softmax, and the gradients of these.
LOGIT_COPIES = 5
# Adapter weight, gradient and the two moments of AdamW, all float32.
ADAPTER_BYTES = 16
BFLOAT16, FLOAT32 = 2, 4


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes by what needs them, for the largest micro-batch that the settings allow."""

    weights: int
    adapter: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """All of them, and the running program."""
        return RUNTIME_BYTES + self.weights + self.adapter + self.activations + self.logits


def memory_needed(base: Path, settings: LoraSettings, *, number_bytes: int = FLOAT32) -> MemoryNeed:
    """What training the model in `base` needs; `number_bytes` per weight and activation (4, or 2 for bfloat16)."""
    model, config = inspect_base_model(base), read_config(base)
    hidden, intermediate, layers = model.hidden_size, config["intermediate_size"], model.layers
    tokens = settings.batch_size * settings.max_length
    kept = HIDDEN_KEPT * hidden + INTERMEDIATE_KEPT * intermediate
    # With checkpointing only the inputs of the layers are kept, and one layer is recomputed at a time.
    per_token = layers * hidden + kept if settings.gradient_checkpointing else layers * kept
    return MemoryNeed(
        weights=model.parameters * number_bytes,
        adapter=_adapter_parameters(config, settings) * layers * ADAPTER_BYTES,
        activations=round(tokens * per_token * number_bytes * ALLOCATOR),
        logits=tokens * model.vocabulary * LOGIT_COPIES * FLOAT32,
    )


def _adapter_parameters(config: dict[str, int], settings: LoraSettings) -> int:
    """Parameters of one layer's adapters."""
    hidden, intermediate = config["hidden_size"], config["intermediate_size"]
    head = config.get("head_dim") or hidden // config["num_attention_heads"]
    queries, keys = head * config["num_attention_heads"], head * config["num_key_value_heads"]
    ends = {
        "q_proj": hidden + queries, "k_proj": hidden + keys, "v_proj": hidden + keys, "o_proj": queries + hidden,
        "gate_proj": hidden + intermediate, "up_proj": hidden + intermediate, "down_proj": intermediate + hidden,
    }  # fmt: skip
    return settings.rank * sum(ends[name] for name in settings.targets)

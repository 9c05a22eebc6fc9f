"""The frozen base model with an adapter to train on it."""

from pathlib import Path
from typing import TYPE_CHECKING

from training.ml.base_model import load_causal_lm
from training.ml.config import LoraSettings
from training.ml.device import base_dtype

if TYPE_CHECKING:
    import torch
    from peft import PeftModel


def load_model(base: Path, settings: LoraSettings, device: "torch.device", parent: Path | None) -> "PeftModel":
    """The frozen base with a fresh adapter, or with `parent`'s adapter made trainable; in training mode."""
    from peft import LoraConfig, PeftModel, get_peft_model

    from training.ml.lora_layer import speed_up
    from training.ml.packed import pack_attention

    model = load_causal_lm(base, base_dtype(device, settings.precision)).to(device)
    pack_attention(model)
    # peft records this name; a path of this machine would mean nothing elsewhere.
    model.name_or_path = base.name
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    if parent:
        adapted = PeftModel.from_pretrained(model, str(parent), is_trainable=True)
    else:
        config = LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,
            lora_dropout=settings.dropout,
            target_modules=list(settings.targets),
            task_type="CAUSAL_LM",
            base_model_name_or_path=base.name,
        )
        adapted = get_peft_model(model, config)
    speed_up(adapted)
    return adapted.train()

"""The estimate of memory before a training starts."""

from dataclasses import replace

from safetensors.torch import load_file

from training.ml.base_model import inspect_base_model
from training.ml.config import LoraSettings
from training.ml.memory import memory_needed


def test_weights_are_counted_by_the_header(tiny_base):
    tensors = load_file(tiny_base / "model.safetensors")
    assert inspect_base_model(tiny_base).parameters == sum(tensor.numel() for tensor in tensors.values())


def test_the_adapter_is_counted_exactly(tiny_base):
    """Rank 16 on all seven targets of two layers, as peft makes them: A (rank, in) and B (out, rank)."""
    from torch import device

    from training.ml.model import load_model

    settings = LoraSettings(device="cpu")
    model = load_model(tiny_base, settings, device("cpu"), None)
    trainable = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    assert memory_needed(tiny_base, settings).adapter == trainable * 16


def test_longer_and_larger_batches_need_more_and_checkpointing_less(tiny_base):
    plain = LoraSettings(max_length=512)
    needs = [
        memory_needed(tiny_base, settings).total
        for settings in (
            replace(plain, gradient_checkpointing=True),
            plain,
            replace(plain, max_length=1024),
            replace(plain, max_length=1024, batch_size=4),
        )
    ]
    assert needs == sorted(needs) and len(set(needs)) == 4
    assert memory_needed(tiny_base, plain, number_bytes=2).weights * 2 == memory_needed(tiny_base, plain).weights

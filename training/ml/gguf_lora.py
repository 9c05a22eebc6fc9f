"""An adapter alone as a GGUF file, which llama.cpp puts on top of the base model's file while it runs.

The format is that of llama.cpp's `convert_lora_to_gguf.py`.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from training.ml.base_model import inspect_base_model, read_config
from training.ml.gguf_export import gguf_names, interleave_rotary

if TYPE_CHECKING:
    import numpy

NAME = "adapter.gguf"
PREFIX = "base_model.model."
PARTS = {".lora_A.weight": ".lora_a", ".lora_B.weight": ".lora_b"}


def export_lora(base: Path, adapter: Path, target: Path) -> Path:
    """Write the peft adapter in folder `adapter`, trained on the model in `base`, to `target` in float16."""
    from gguf import GGUFType, GGUFWriter, Keys
    from safetensors.numpy import load_file

    config = read_config(base)
    architecture = inspect_base_model(base).architecture
    names = gguf_names(architecture, config)
    writer = GGUFWriter(target, architecture)
    writer.add_type(GGUFType.ADAPTER)
    writer.add_string(Keys.Adapter.TYPE, "lora")
    settings = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    writer.add_float32(Keys.Adapter.LORA_ALPHA, float(settings["lora_alpha"]))
    for name, weights in load_file(adapter / "adapter_model.safetensors").items():
        part = next(part for part in PARTS if name.endswith(part))
        layer = name.removeprefix(PREFIX).removesuffix(part)
        if architecture == "llama" and part == ".lora_B.weight":
            weights = _interleaved(layer, weights, config)
        writer.add_tensor(names(f"{layer}.weight") + PARTS[part], weights.astype("float16"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _interleaved(layer: str, weights: "numpy.ndarray", config: dict[str, int]) -> "numpy.ndarray":
    """The rows of lora_B are those of the layer, and those of q and k stand in another order in GGUF."""
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}.get(layer.rsplit(".", 1)[-1])
    return interleave_rotary(weights, config[heads]) if heads else weights

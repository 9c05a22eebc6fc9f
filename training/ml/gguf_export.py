"""A Hugging Face folder (Llama or Qwen2) as one FP16 GGUF file, written tensor by tensor.

The format is that of llama.cpp's `convert_hf_to_gguf.py`: matrices in float16, vectors in float32, and for Llama the
rows of q and k reordered from Hugging Face's half-split rotary layout to llama.cpp's interleaved one.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.base_model import inspect_base_model, read_config
from training.ml.disk import named_when_full
from training.ml.gguf_tokenizer import add_tokenizer
from web4site.errors import UserError

if TYPE_CHECKING:
    import numpy
    from gguf import GGUFWriter


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a tensor lies, what it is called in GGUF, and its final shape and type."""

    file: Path
    name: str
    gguf_name: str
    shape: tuple[int, ...]

    @property
    def is_matrix(self) -> bool:
        """Matrices are stored in float16, vectors in float32."""
        return len(self.shape) > 1


def export_gguf(folder: Path, target: Path, *, name: str) -> Path:
    """Write the model in `folder` to `target` as FP16 GGUF called `name`; `target` appears only when it is whole.

    Raises UserError for other architectures, rope scaling, an unknown tokenizer or an unknown tensor.
    """
    logging.getLogger("gguf").setLevel(logging.WARNING)
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{target.name}.tmp")
    try:
        with named_when_full(target.parent):
            _write(folder, staging, name)
        staging.rename(target)
    finally:
        staging.unlink(missing_ok=True)
    return target


def _write(folder: Path, target: Path, name: str) -> None:
    from gguf import GGMLQuantizationType, GGUFWriter

    info = inspect_base_model(folder)
    config = read_config(folder)
    sources = _sources(folder, info.architecture, config)
    writer = GGUFWriter(target, info.architecture)
    writer.add_type("model")
    writer.add_name(name)
    _add_parameters(writer, info.architecture, config)
    add_tokenizer(writer, folder, info.vocabulary)
    for source in sources:
        kind = GGMLQuantizationType.F16 if source.is_matrix else GGMLQuantizationType.F32
        width = 2 if source.is_matrix else 4
        writer.add_tensor_info(source.gguf_name, source.shape, _numpy_type(source), _count(source) * width, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for source in sources:
        writer.write_tensor_data(_load(source, info.architecture, config))
    writer.close()


def _add_parameters(writer: "GGUFWriter", architecture: str, config: dict[str, Any]) -> None:
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type") or rope.get("type") or "default"
    if kind != "default":
        raise UserError(f"Rope scaling of type {kind} is not supported in the export: use a model without it.")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_rope_dimension_count(_head_size(config))
    if architecture == "llama":
        writer.add_key_length(_head_size(config))
        writer.add_value_length(_head_size(config))
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(GGML_QUANT_VERSION)


def _head_size(config: dict[str, Any]) -> int:
    size: int = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    return size


def _sources(folder: Path, architecture: str, config: dict[str, Any]) -> list[_Source]:
    """All tensors to write, in the files' order; a tied output matrix is left out, as llama.cpp expects."""
    names = gguf_names(architecture, config)
    sources = []
    for file, name, shape in _stored(folder):
        if name == "lm_head.weight" and config.get("tie_word_embeddings"):
            continue
        sources.append(_Source(file, name, names(name), shape))
    return sources


def gguf_names(architecture: str, config: dict[str, Any]) -> Callable[[str], str]:
    """From Hugging Face's name of a tensor to GGUF's; UserError for a tensor the architecture does not have."""
    from gguf import MODEL_ARCH, get_tensor_name_map

    kind = {"llama": MODEL_ARCH.LLAMA, "qwen2": MODEL_ARCH.QWEN2}[architecture]
    names = get_tensor_name_map(kind, config["num_hidden_layers"])

    def find(name: str) -> str:
        if found := names.get_name(name, try_suffixes=(".weight", ".bias")):
            return found
        raise UserError(f"Tensor {name} has no place in a {architecture} GGUF.")

    return find


def _stored(folder: Path) -> Iterator[tuple[Path, str, tuple[int, ...]]]:
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - not a dict
                yield file, name, tuple(tensors.get_slice(name).get_shape())


def _load(source: _Source, architecture: str, config: dict[str, Any]) -> "numpy.ndarray":
    import torch
    from safetensors import safe_open

    with safe_open(source.file, framework="pt") as tensors:
        tensor = tensors.get_tensor(source.name)
    tensor = tensor.to(torch.float16 if source.is_matrix else torch.float32)
    array: numpy.ndarray = tensor.numpy()
    if architecture == "llama" and ".self_attn.q_proj." in source.name:
        return interleave_rotary(array, config["num_attention_heads"])
    if architecture == "llama" and ".self_attn.k_proj." in source.name:
        return interleave_rotary(array, config["num_key_value_heads"])
    return array


def interleave_rotary(weights: "numpy.ndarray", heads: int) -> "numpy.ndarray":
    """Reorder the rows (heads * size, ...) of each head from (first half, second half) to alternating pairs."""
    size = weights.shape[0] // heads
    return (
        weights.reshape(heads, 2, size // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape).copy(order="C")
    )


def _numpy_type(source: _Source) -> "numpy.dtype":
    import numpy

    return numpy.dtype(numpy.float16 if source.is_matrix else numpy.float32)


def _count(source: _Source) -> int:
    count = 1
    for extent in source.shape:
        count *= extent
    return count

"""Quantize a GGUF file with llama.cpp."""

import os
import sys
from pathlib import Path
from typing import Any

from training.ml.disk import named_when_full
from training.ml.isolated import answer_parent, call_isolated, read_parent
from web4site.errors import UserError

QUANTIZED = ("Q4_K_M", "Q5_K_M", "Q8_0")
QUANTIZATIONS = (*QUANTIZED, "F16")


def quantize_gguf(source: Path, target: Path, quantization: str) -> Path:
    """Write `source` (FP16 GGUF) to `target` in `quantization`; `target` appears only when it is whole.

    Raises UserError for an unknown quantization or when llama.cpp fails.
    """
    if quantization not in QUANTIZED:
        raise UserError(f"Unknown quantization {quantization!r}; choose from {', '.join(QUANTIZED)}.")
    staging = target.with_name(f".{target.name}.tmp")
    request = {"source": str(source), "target": str(staging), "quantization": quantization}
    try:
        with named_when_full(target.parent):
            call_isolated("training.ml.quantize", request, doing=f"quantizing {source.name} to {quantization}")
        staging.rename(target)
    finally:
        staging.unlink(missing_ok=True)
    return target


def _quantize(request: dict[str, Any]) -> int:
    """llama.cpp's status: 0 is good."""
    import ctypes

    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{request['quantization']}")
    parameters.nthread = os.cpu_count() or 1
    status: int = llama_cpp.llama_model_quantize(
        request["source"].encode(), request["target"].encode(), ctypes.byref(parameters)
    )
    return status


if __name__ == "__main__":
    outcome = _quantize(read_parent())
    answer_parent(outcome)
    sys.exit(outcome)

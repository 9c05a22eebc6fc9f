"""Quantize a GGUF file with llama.cpp, in a process of its own: its assertions end the process."""

import os
import subprocess
import sys
from pathlib import Path

from web4site.errors import UserError

PROJECT = Path(__file__).resolve().parents[2]
QUANTIZED = ("Q4_K_M", "Q5_K_M", "Q8_0")
QUANTIZATIONS = (*QUANTIZED, "F16")


def quantize_gguf(source: Path, target: Path, quantization: str) -> Path:
    """Write `source` (FP16 GGUF) to `target` in `quantization`; `target` appears only when it is whole.

    Raises UserError for an unknown quantization or when llama.cpp fails.
    """
    if quantization not in QUANTIZED:
        raise UserError(f"Unknown quantization {quantization!r}; choose from {', '.join(QUANTIZED)}.")
    staging = target.with_name(f".{target.name}.tmp")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "training.ml.quantize", str(source), str(staging), quantization],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise UserError(f"llama.cpp could not quantize {source.name} to {quantization}: {reason}", exit_code=1)
        staging.rename(target)
    finally:
        staging.unlink(missing_ok=True)
    return target


def _main(source: str, target: str, quantization: str) -> int:
    import ctypes

    import llama_cpp

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{quantization}")
    parameters.nthread = os.cpu_count() or 1
    status: int = llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(parameters))
    return status


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:4]))

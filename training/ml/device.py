"""Which device trains, how much memory it uses, and that only one training has it at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from training.ml.lock import locked
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch


def pick_device(wanted: str) -> "torch.device":
    """The torch device for `wanted` (auto, cpu, cuda, mps); raises UserError when it is not there."""
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        wanted = next(name for name, there in available.items() if there)
    if not available[wanted]:
        raise UserError(f"This machine has no {wanted} device: set device = auto or cpu.")
    return torch.device(wanted)


def base_dtype(device: "torch.device", precision: str = "auto") -> "torch.dtype":
    """Type of the frozen base weights for `precision` (auto, float32, bfloat16).

    Auto takes bfloat16 on CUDA and on CPUs that multiply in it; others convert to float32 and back, and are slower
    so. The adapter's own weights are float32 always.
    """
    import torch

    if precision == "auto":
        precision = "bfloat16" if device.type == "cuda" or (device.type == "cpu" and _cpu_has_bfloat16()) else "float32"
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


def _cpu_has_bfloat16() -> bool:
    import torch

    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))


def memory_bytes(device: "torch.device") -> int:
    """Peak device memory on CUDA, allocated memory on MPS, resident memory of this process on CPU."""
    import psutil
    import torch

    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    resident: int = psutil.Process().memory_info().rss
    return resident


def memory_ceiling(device: "torch.device") -> int:
    """Memory of the device in bytes (the machine's on CPU and MPS)."""
    import psutil
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    total: int = psutil.virtual_memory().total
    return total


@contextmanager
def device_lock(folder: Path, device: str) -> Iterator[None]:
    """Hold the machine-wide lock of `device` for a training; the system frees it when the process dies.

    Raises UserError when another training has it.
    """
    with locked(folder / f"train-{device}.lock", busy=lambda: _refuse(device)):
        yield


def _refuse(device: str) -> None:
    raise UserError(f"Another training is using {device}: wait for it or cancel it first.")

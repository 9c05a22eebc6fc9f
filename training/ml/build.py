"""From an adapter (or the bare base) to one checked GGUF file with a manifest beside it."""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.ml.base_model import inspect_base_model
from training.ml.checkpoint import write_folder
from training.ml.disk import require_disk
from training.ml.gguf_export import export_gguf
from training.ml.manifest import write_manifest
from training.ml.merge import merge_adapter
from training.ml.modelfile import NAME as MODELFILE
from training.ml.modelfile import Chat, read_chat
from training.ml.parity import Parity, check_parity
from training.ml.quantize import QUANTIZATIONS, quantize_gguf
from web4site.errors import UserError
from web4site.progress import Progress, Report, silent

logger = logging.getLogger(__name__)
STEPS = 4
# Merged float32 weights, the FP16 file and the quantized one, as a multiple of base weights that may be 16-bit.
DISK_FACTOR = 3.5


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build: `adapter` None builds the untrained base; `folder` is the build's own new folder.

    `name` is the model's name inside the file, and the file's name together with the quantization.
    """

    base: Path
    adapter: Path | None
    folder: Path
    name: str
    quantization: str = "Q4_K_M"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The finished file with what is known about it."""

    gguf: Path
    sha256: str
    bytes: int
    merge_difference: float | None
    parity: Parity
    manifest: dict[str, Any]


def build_gguf(request: BuildRequest, report: Report = silent) -> BuildResult:
    """Merge, export, quantize, compare; intermediates are deleted whatever happens.

    Raises UserError when an input is missing, the disk is too small or a step fails. A build whose parity check
    does not pass is returned, marked so.
    """
    if request.quantization not in QUANTIZATIONS:
        raise UserError(f"Unknown quantization {request.quantization!r}; choose from {', '.join(QUANTIZATIONS)}.")
    info = inspect_base_model(request.base)
    require_disk(request.folder.parent, int(info.weight_bytes * DISK_FACTOR), "build")
    work = request.folder.with_name(f".{request.folder.name}-work")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        return _build(request, work, report)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(request: BuildRequest, work: Path, report: Report) -> BuildResult:
    folder, difference = request.base, None
    if request.adapter:
        report(Progress(0, STEPS, "merging the adapter"))
        merged = merge_adapter(request.base, request.adapter, work / "merged")
        folder, difference = merged.folder, merged.max_difference
    report(Progress(1, STEPS, "writing the FP16 GGUF"))
    fp16 = export_gguf(folder, work / f"{request.name}.F16.gguf", name=request.name)
    final = fp16
    if request.quantization != "F16":
        report(Progress(2, STEPS, f"quantizing to {request.quantization}"))
        final = quantize_gguf(fp16, work / f"{request.name}.{request.quantization}.gguf", request.quantization)
    report(Progress(3, STEPS, "comparing the GGUF with the trained model"))
    parity = check_parity(folder, fp16, final)
    result = _keep(request, final, difference, parity, _chat(folder))
    report(Progress(STEPS, STEPS, "built"))
    return result


def _chat(folder: Path) -> Chat | None:
    """What a Modelfile needs; None for a model that only llama.cpp, which reads the template itself, can speak to."""
    try:
        return read_chat(folder)
    except UserError as error:
        logger.warning("No Modelfile: %s", error)
        return None


def _keep(
    request: BuildRequest, final: Path, difference: float | None, parity: Parity, chat: Chat | None
) -> BuildResult:
    """Move the file to the build's folder together with its Modelfile and manifest."""
    manifest: dict[str, Any] = {}

    def fill(staging: Path) -> None:
        final.rename(staging / final.name)
        if chat:
            (staging / MODELFILE).write_text(chat.modelfile(final.name), encoding="utf-8")
        manifest.update(
            write_manifest(
                staging,
                kind="build",
                name=request.name,
                base_model=request.base.name,
                adapter=str(request.adapter.parent.name) if request.adapter else None,
                quantization=request.quantization,
                merge_difference=difference,
                parity=parity.as_dict(),
                chat=chat and chat.as_dict(),
            )
        )

    write_folder(request.folder, fill)
    facts = manifest["files"][final.name]
    return BuildResult(
        gguf=request.folder / final.name,
        sha256=facts["sha256"],
        bytes=facts["bytes"],
        merge_difference=difference,
        parity=parity,
        manifest=manifest,
    )

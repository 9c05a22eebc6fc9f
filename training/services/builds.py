"""Builds: from an adapter, or the untrained base, to a checked GGUF file."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from training.ml.base_model import prepare_base_model
from training.ml.build import BuildRequest, BuildResult, build_gguf
from training.ml.lock import locked
from training.ml.quantize import QUANTIZATIONS
from training.models import Adapter, Build
from training.services.adapters import adapter_files
from training.services.names import free_name
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report
from web4site.runs import RunReporter, run_create, run_enqueue, run_execute

JOB = "training.jobs.build_job"
QUEUE = "train"
DEFAULT_QUANTIZATION = "Q4_K_M"


def build_start(*, adapter: Adapter | None, quantization: str = DEFAULT_QUANTIZATION, actor: Any = None) -> Run:
    """Queue a build for the worker; `adapter` None builds the untrained base."""
    params = _params(adapter, quantization)
    title = _title(adapter, quantization)
    return run_enqueue(kind=Run.Kind.BUILD, title=title, job=JOB, queue=QUEUE, params=params, actor=actor)


def build_create(
    *, adapter: Adapter | None, quantization: str = DEFAULT_QUANTIZATION, part_of: Run | None = None
) -> Run:
    """A build that this process carries out itself with `build_run` (commands, steps of a cycle)."""
    params = _params(adapter, quantization)
    return run_create(kind=Run.Kind.BUILD, title=_title(adapter, quantization), params=params, parent=part_of)


def build_run(*, run: Run, listener: Report | None = None) -> Run:
    """Carry out a queued build to its end; look at `run.status` and `run.result` afterwards."""
    return run_execute(run, _work, listener=listener)


def _params(adapter: Adapter | None, quantization: str) -> dict[str, Any]:
    if quantization not in QUANTIZATIONS:
        raise UserError(f"Unknown quantization {quantization!r}; choose from {', '.join(QUANTIZATIONS)}.")
    if adapter and not Path(adapter.folder).is_dir():
        raise UserError(f"Adapter {adapter.name} has lost its files ({adapter.folder}): train it again.")
    return {"adapter": adapter.pk if adapter else None, "quantization": quantization}


def _title(adapter: Adapter | None, quantization: str) -> str:
    return f"Build {adapter.name if adapter else 'the untrained base'} as {quantization}"[:200]


def _work(run: Run, reporter: RunReporter) -> dict[str, Any]:
    """One build at a time: each takes all cores and several times the model's size of disk."""
    waiting = Progress(message="waiting for another build to end")
    with locked(settings.RUN_DIR / "build.lock", busy=lambda: reporter(waiting)):
        _discard_leftovers()
        build = _build(run, reporter)
    return {
        "build": build.pk,
        "name": build.name,
        "gguf": build.gguf,
        "sha256": build.sha256,
        "bytes": build.bytes,
        "parity": build.parity,
        "merge_difference": build.manifest["merge_difference"],
    }


def _discard_leftovers() -> None:
    """What builds that were killed have left unfinished."""
    for left in _folder().glob(".*"):
        shutil.rmtree(left, ignore_errors=True)


def _build(run: Run, reporter: RunReporter) -> Build:
    adapter = _adapter(run.params["adapter"])
    base = prepare_base_model(settings.BASE_MODEL_DIR, settings.BASE_MODEL_HUB_ID)
    model = adapter.name if adapter else base.name
    quantization = run.params["quantization"]
    request = BuildRequest(
        base=base,
        adapter=adapter_files(adapter=adapter, base=base) if adapter else None,
        folder=_folder() / free_name(Build, f"{model}-{quantization.lower().replace('_', '-')}"),
        name=model,
        quantization=quantization,
    )
    return _register(run, adapter, request, build_gguf(request, reporter))


def _adapter(key: int | None) -> Adapter | None:
    if key is None:
        return None
    if adapter := Adapter.objects.filter(pk=key).first():
        return adapter
    raise UserError("The adapter was deleted after this build was started: choose another one.")


def _folder() -> Path:
    folder: Path = settings.ARTIFACTS_DIR / "builds"
    return folder


def _register(run: Run, adapter: Adapter | None, request: BuildRequest, result: BuildResult) -> Build:
    return Build.objects.create(
        name=request.folder.name,
        adapter=adapter,
        run=run,
        base_model=request.base.name,
        gguf=str(result.gguf),
        quantization=request.quantization,
        sha256=result.sha256,
        bytes=result.bytes,
        parity=result.parity.as_dict(),
        manifest=result.manifest,
    )

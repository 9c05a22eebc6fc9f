"""Builds by the name people give them, and the builds that no training made."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from training.ml.base_model import BUNDLED_MODEL, bundled_gguf
from training.models import Build
from training.services.builds import build_create, build_run
from web4site.errors import UserError
from web4site.row_numbers import row_number
from web4site.runs import run_result


def build_find(reference: str) -> Build:
    """A build by primary key, name, 'latest', or path of a GGUF file; a file nobody knows yet becomes a build."""
    if reference == "latest" and (build := _trained().first()):
        return build
    if (number := row_number(reference)) and (build := Build.objects.filter(pk=number).first()):
        return build
    if build := Build.objects.filter(name=reference).first():
        return build
    path = Path(reference)
    if path.suffix == ".gguf" and path.is_file():
        return build_register(gguf=path.resolve(), name=path.stem, base_model=path.stem)
    raise UserError(f"There is no build '{reference}': give a number, a name, 'latest', or the path of a .gguf file.")


def _trained() -> QuerySet[Build]:
    return Build.objects.faithful().exclude(adapter=None).order_by("-pk")


def baseline_build() -> Build:
    """The untrained base model as a build: the bundled file as it is, any other base converted from its folder.

    Raises UserError when there is no such base model, or when its GGUF does not say what it says.
    """
    if settings.BASE_MODEL == BUNDLED_MODEL:
        return build_register(gguf=bundled_gguf(), name=f"baseline-{BUNDLED_MODEL}", base_model=BUNDLED_MODEL)
    made = Build.objects.faithful().filter(adapter=None, run__isnull=False, base_model=settings.BASE_MODEL_DIR.name)
    return next((build for build in made if Path(build.gguf).is_file()), None) or _base_converted()


def _base_converted() -> Build:
    """A build of the bare base model, made here and now; the rows of the same content find their file again."""
    result = run_result(build_run(run=build_create(adapter=None)))
    build = Build.objects.get(pk=result["build"])
    if not build.is_faithful:
        raise UserError(f"The GGUF of the base model does not say what it says: see build {build.pk}.", exit_code=1)
    Build.objects.filter(adapter=None, sha256=build.sha256).update(gguf=build.gguf)
    return build


def build_register(*, gguf: Path, name: str, base_model: str) -> Build:
    """A build row for an existing file; the same content is the same build."""
    digest = file_sha256(gguf)
    if known := Build.objects.filter(sha256=digest).first():
        if not Path(known.gguf).is_file():
            known.gguf = str(gguf)
            known.save(update_fields=["gguf"])
        return known
    if Build.objects.filter(name=name).exists():
        name = f"{name}-{digest[:8]}"
    return Build.objects.create(
        name=name,
        base_model=base_model,
        gguf=str(gguf),
        quantization=_quantization(gguf),
        sha256=digest,
        bytes=gguf.stat().st_size,
        manifest={"source": "a file that was there before"},
    )


def build_file_fault(build: Build) -> str:
    """Why its file is not the one that was built; empty when it is, byte for byte."""
    file = Path(build.gguf)
    if not file.is_file():
        return f"the model file {file} is gone"
    if file_sha256(file) != build.sha256:
        return f"{file.name} is not the file that was built: its sha256 has changed"
    return ""


def build_check_file(build: Build) -> None:
    """Raises UserError when the file is another one: what was said of it would be said of the build."""
    if fault := build_file_fault(build):
        raise UserError(f"{fault[0].upper()}{fault[1:]}. Build it again and evaluate that.", exit_code=1)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _quantization(gguf: Path) -> str:
    """By custom the last part of the name: SmolLM2-135M-Instruct.Q4_1.gguf."""
    tail = gguf.stem.replace("-", ".").rsplit(".", 1)[-1].upper()
    return tail if tail[:1] in ("Q", "F", "I", "B") and any(char.isdigit() for char in tail) else "unknown"

"""Delete adapters and builds that nothing needs any more: the row first, then its files."""

import shutil
from pathlib import Path

from django.db import transaction
from django.db.models import Model, ProtectedError

from training.models import Adapter, Build
from web4site.errors import UserError


def adapter_delete(*, adapter: Adapter) -> None:
    """Delete an adapter and its weights; UserError names the builds, adapters or trainings that need it."""
    _delete(adapter, Path(adapter.folder))


def build_delete(*, build: Build) -> None:
    """Delete a build with its GGUF and its evaluations; UserError names the deployments that need it."""
    _delete(build, Path(build.gguf).parent if build.adapter_id else Path(build.gguf))


def _delete(row: Adapter | Build, files: Path) -> None:
    """Nobody may find a row without files, but files without a row harm nobody: so the row goes first."""
    name = row.name
    try:
        with transaction.atomic():
            row.delete()
            transaction.on_commit(lambda: _remove(files))
    except ProtectedError as error:
        needed_by = ", ".join(sorted(_say(other) for other in error.protected_objects))
        raise UserError(f"{name} is needed by {needed_by}: delete that first.") from None


def _say(row: Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _remove(files: Path) -> None:
    if files.is_dir():
        shutil.rmtree(files, ignore_errors=True)
    else:
        files.unlink(missing_ok=True)

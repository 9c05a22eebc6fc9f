"""Delete adapters and builds that nothing needs any more: the row first, then its files."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Model, ProtectedError

from training.ml.manifest import NAME as MANIFEST
from training.models import Adapter, Build
from web4site.errors import UserError
from web4site.models import Run


def adapter_delete(*, adapter: Adapter) -> None:
    """Delete an adapter and its weights; UserError names the builds, adapters, trainings or runs that need it."""
    building = Run.objects.filter(kind=Run.Kind.BUILD, status__in=Run.ACTIVE, params__adapter=adapter.pk)
    if run := building.exclude(pk__in=Run.stale()).first():
        raise UserError(f"{adapter.name} is being built by run {run.pk}: wait for it or cancel it first.")
    _delete(adapter, Path(adapter.folder))


def build_delete(*, build: Build) -> None:
    """Delete a build with its folder and its evaluations; UserError names the deployments that need it.

    A file that was not made here (the bundled model, one that somebody evaluated) stays where it is.
    """
    _delete(build, Path(build.gguf).parent)


def _delete(row: Adapter | Build, folder: Path) -> None:
    """Nobody may find a row without files, but files without a row harm nobody: so the row goes first."""
    name = row.name
    try:
        with transaction.atomic():
            row.delete()
            transaction.on_commit(lambda: _remove(folder))
    except ProtectedError as error:
        needed_by = ", ".join(sorted(_say(other) for other in error.protected_objects))
        raise UserError(f"{name} is needed by {needed_by}: delete that first.") from None


def _say(row: Model) -> str:
    return f"{row._meta.verbose_name} {row}"


def _remove(folder: Path) -> None:
    """Only what was made here goes: a folder below the artifacts that holds a manifest."""
    if folder.is_relative_to(settings.ARTIFACTS_DIR) and (folder / MANIFEST).is_file():
        shutil.rmtree(folder, ignore_errors=True)

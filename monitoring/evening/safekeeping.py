"""A verified copy of the adapter in production, made before anything is trained on top of it."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from evaluation.models import Deployment
from training.models import Adapter
from web4site.errors import UserError

WEIGHTS = "adapter_model.safetensors"
KEEP = 5


def live_adapter() -> Adapter | None:
    """The adapter of the live deployment; None while the untrained base, or nothing, is live."""
    live = Deployment.objects.filter(alias=settings.MODEL_ALIAS, status=Deployment.Status.LIVE)
    deployment = live.select_related("build__adapter__training__dataset").first()
    return deployment.build.adapter if deployment else None


def adapter_back_up(adapter: Adapter) -> Path:
    """Copy the adapter's folder to artifacts/evening/backups/<name> and check the copy's hash; the last five stay.

    An adapter that is there already and intact is not copied again.
    """
    folder = settings.ARTIFACTS_DIR / "evening" / "backups"
    target = folder / adapter.name
    if _intact(target, adapter):
        return target
    source = Path(adapter.folder)
    if not source.is_dir():
        raise UserError(f"The live adapter {adapter.name} has lost its files ({source}): restore them from a backup.")
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".copying-", dir=folder))
    try:
        shutil.copytree(source, staging, dirs_exist_ok=True)
        if not _intact(staging, adapter):
            raise UserError(f"The weights of the live adapter {adapter.name} have changed since it was trained.")
        shutil.rmtree(target, ignore_errors=True)
        staging.chmod(0o755)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _prune(folder, target)
    return target


def _intact(folder: Path, adapter: Adapter) -> bool:
    weights = folder / WEIGHTS
    if not weights.is_file():
        return False
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == adapter.sha256


def _prune(folder: Path, newest: Path) -> None:
    others = [entry for entry in folder.iterdir() if entry.is_dir() and entry != newest]
    for old in sorted(others, key=lambda entry: entry.stat().st_mtime, reverse=True)[KEEP - 1 :]:
        shutil.rmtree(old, ignore_errors=True)

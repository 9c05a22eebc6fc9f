"""Back everything up into one folder, and bring it back: database, stores, models, datasets, artifacts.

The stores are copied while they are switched off, so that all parts are of one moment.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from samples.models import Dataset
from training.models import Adapter, Build, Training
from web4site.errors import UserError
from web4site.progress import Progress, Report, silent
from web4site.services.locks import ServiceLock

MANIFEST = "backup.json"
DATABASE = "db.sqlite3"
# Databases are copied by SQLite itself; the rest file by file. Logs, locks and process ids are of the moment.
DATABASES = (DATABASE, "lexical.sqlite3")
FOLDERS = ("redis", "chroma", "models", "datasets", "artifacts", "incidents")
FILES = ("secret_key", "run/live.json")
# Where absolute paths below the home stand in the database.
PATHS = ((Adapter, "folder"), (Build, "gguf"), (Training, "folder"), (Dataset, "folder"))


def backup_write(*, directory: Path, report: Report = silent) -> dict[str, Any]:
    """Copy everything into `directory`, which must not exist or be empty; returns {directory, files, bytes}."""
    directory = directory.expanduser().resolve()
    _check_target(directory)
    draft = directory.with_name(f".{directory.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    with _stores_at_rest():
        sources = list(_sources())
        try:
            files = []
            for number, (name, source) in enumerate(sources):
                report(Progress(number, len(sources), name))
                files.append(_copy(source, draft / name, name))
            manifest = {"home": str(settings.WEB4_HOME), "created_at": timezone.now().isoformat(), "files": files}
            (draft / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            if directory.exists():
                directory.rmdir()
            draft.rename(directory)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    report(Progress(len(sources), len(sources), "done"))
    return {"directory": str(directory), "files": len(files), "bytes": sum(file["bytes"] for file in files)}


def backup_restore(*, directory: Path, force: bool = False, report: Report = silent) -> dict[str, Any]:
    """Bring a backup back into WEB4_HOME; returns {directory, files, bytes, set_aside}.

    Every file is checked against the manifest before anything is touched. A home that is in use is refused unless
    `force`: then what was there is set aside in WEB4_HOME/before-restore-<time>, not deleted.
    """
    directory = directory.expanduser().resolve()
    manifest = _read_manifest(directory)
    present = [name for name in (*DATABASES, *FOLDERS) if _holds_something(settings.WEB4_HOME / name)]
    if present and not force:
        raise UserError(
            f"{settings.WEB4_HOME} is in use (it has {', '.join(present)}): restore into an empty WEB4_HOME, "
            "or add --force to set aside what is there."
        )
    files = manifest["files"]
    for number, entry in enumerate(files):
        report(Progress(number, 2 * len(files), f"checking {entry['name']}"))
        _verify(directory, entry)
    with _stores_at_rest():
        connection.close()
        aside = _set_aside(present) if present else None
        for number, entry in enumerate(files, len(files)):
            report(Progress(number, 2 * len(files), entry["name"]))
            target = settings.WEB4_HOME / entry["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(directory / entry["name"], target)
        call_command("migrate", interactive=False, verbosity=0)  # a backup may be older than the program
        _relocate(manifest["home"])
    report(Progress(2 * len(files), 2 * len(files), "done"))
    return {
        "directory": str(directory),
        "files": len(files),
        "bytes": sum(entry["bytes"] for entry in files),
        "set_aside": str(aside) if aside else "",
    }


@contextmanager
def _stores_at_rest() -> Iterator[None]:
    """Hold the locks of all stores, so that nobody uses or starts one meanwhile."""
    if connection.vendor != "sqlite":
        raise UserError("The database is not SQLite: back it up with its own tools (pg_dump), and the home with yours.")
    with ExitStack() as stack:
        for name in ("start", "redis", "chroma", "evening"):
            if not stack.enter_context(ServiceLock(settings.RUN_DIR, name).exclusive_or_none()):
                raise UserError("Something is running (`manage.py up`, or a command): stop it first, with Ctrl-C.")
        yield


def _check_target(directory: Path) -> None:
    if directory.is_relative_to(settings.WEB4_HOME):
        raise UserError(f"{directory} lies inside {settings.WEB4_HOME}: choose a folder outside.")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UserError(f"{directory} is not empty: name a new folder for the backup.")
    if not directory.parent.is_dir():
        raise UserError(f"There is no folder {directory.parent}: create it first.")


def _sources() -> Iterator[tuple[str, Path]]:
    """Every file to keep, by its name relative to the home."""
    for name in (*DATABASES, *FILES):
        if (settings.WEB4_HOME / name).is_file():
            yield name, settings.WEB4_HOME / name
    for folder in FOLDERS:
        for file in sorted((settings.WEB4_HOME / folder).rglob("*")):
            if file.is_file():
                yield str(file.relative_to(settings.WEB4_HOME)), file


def _copy(source: Path, target: Path, name: str) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True)
    if name in DATABASES:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    else:
        shutil.copy2(source, target)
    return {"name": name, "bytes": target.stat().st_size, "sha256": _sha256(target)}


def _read_manifest(directory: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        names = [Path(entry["name"]) for entry in manifest["files"]]
        manifest["home"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{directory} is no backup: it has no readable {MANIFEST}.") from None
    if any(name.is_absolute() or ".." in name.parts for name in names):
        raise UserError(f"{directory} is no backup of ours: its {MANIFEST} names files outside of it.")
    return manifest


def _verify(directory: Path, entry: dict[str, Any]) -> None:
    file = directory / entry["name"]
    if not file.is_file() or _sha256(file) != entry["sha256"]:
        raise UserError(f"The backup is damaged, {entry['name']} is missing or changed: use another one.", exit_code=1)


def _set_aside(names: list[str]) -> Path:
    aside = settings.WEB4_HOME / f"before-restore-{timezone.now():%Y%m%d-%H%M%S}"
    aside.mkdir()
    for name in names:
        (settings.WEB4_HOME / name).rename(aside / name)
    for leftover in settings.WEB4_HOME.glob("*.sqlite3-*"):  # write-ahead logs belong to the database that left
        leftover.rename(aside / leftover.name)
    return aside


def _relocate(old_home: str) -> None:
    """Point what was stored as an absolute path below the old home to the new one."""
    if old_home == str(settings.WEB4_HOME):
        return
    for model, field in PATHS:
        rows = model._default_manager.filter(**{f"{field}__startswith": f"{old_home}/"})
        for row in rows:
            moved = str(settings.WEB4_HOME / Path(getattr(row, field)).relative_to(old_home))
            model._default_manager.filter(pk=row.pk).update(**{field: moved})
    live = settings.RUN_DIR / "live.json"
    if live.is_file():
        facts = json.loads(live.read_text(encoding="utf-8"))
        if facts["gguf"].startswith(f"{old_home}/"):
            facts["gguf"] = str(settings.WEB4_HOME / Path(facts["gguf"]).relative_to(old_home))
            live.write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

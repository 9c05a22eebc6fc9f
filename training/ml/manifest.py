"""Artifacts explain themselves: versions, sources and hashes in `manifest.json` beside the weights."""

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

NAME = "manifest.json"
PACKAGES = ("torch", "transformers", "peft", "gguf", "llama-cpp-python")


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def changed_files(folder: Path, hashes: Mapping[str, str]) -> list[str]:
    """Names of the files in `folder` that are not there, or have another SHA-256 than `hashes` says."""
    return [name for name, sha256 in hashes.items() if not _has(folder / name, sha256)]


def _has(file: Path, sha256: str) -> bool:
    return file.is_file() and sha256_of(file) == sha256


def write_manifest(folder: Path, **facts: Any) -> dict[str, Any]:
    """Write `facts`, package versions, and hash and size of every file in `folder`; returns what was written."""
    files = {
        file.name: {"sha256": sha256_of(file), "bytes": file.stat().st_size}
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name != NAME
    }
    manifest = {
        **facts,
        "files": files,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (folder / NAME).write_text(json.dumps(manifest, indent=2, sort_keys=True), encoding="utf-8")
    return manifest

"""Room on the disk, asked for before work starts rather than missed in the middle."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web4site.errors import UserError

# Less than this is left when a write stops for want of room.
FULL_BYTES = 1 << 20


def require_disk(folder: Path, needed: int, purpose: str) -> None:
    """Raise UserError unless `needed` bytes are free where `folder` lies (it is created)."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"The {purpose} needs {needed / 1e6:,.0f} MB on disk, but {free / 1e6:,.0f} MB are free "
            f"at {folder}: free some space first."
        )


@contextmanager
def named_when_full(folder: Path) -> Iterator[None]:
    """Raise OSError ENOSPC for a failure on a full disk: safetensors, torch, numpy and llama.cpp each say it their way.

    To be left before what was written in `folder` is cleared away.
    """
    try:
        yield
    except Exception as error:
        if "No space left" not in str(error) and shutil.disk_usage(folder).free > FULL_BYTES:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error

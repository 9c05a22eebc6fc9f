"""Room on the disk, asked for before work starts rather than missed in the middle."""

import shutil
from pathlib import Path

from web4site.errors import UserError


def require_disk(folder: Path, needed: int, purpose: str) -> None:
    """Raise UserError unless `needed` bytes are free where `folder` lies (it is created)."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UserError(
            f"The {purpose} needs {needed / 1e6:,.0f} MB on disk, but {free / 1e6:,.0f} MB are free "
            f"at {folder}: free some space first."
        )

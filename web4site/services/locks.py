"""Who uses an embedded service: every user holds a shared lock, and the last one out switches it off."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class ServiceLock:
    """An advisory lock file; the kernel drops the lock of a process that dies."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.lock"
        self._file: IO[str] | None = None

    def share(self) -> None:
        """Count as a user until `release`."""
        self._file = self.path.open("a")
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def release(self) -> bool:
        """Stop counting as a user; True when nobody else was one."""
        assert self._file is not None, "release() without share()"
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            self._file.close()
            self._file = None
        return True

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Wait until nobody else holds it."""
        with self.path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def exclusive_or_none(self) -> Iterator[bool]:
        """True with the lock held when it was free, False otherwise."""
        with self.path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

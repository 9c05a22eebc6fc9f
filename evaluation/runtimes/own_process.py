"""What the llama.cpp processes share that we start for ourselves."""

import os
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings

from web4site.errors import UserError

LOG_NAME = "evaluation-model.log"


class OwnProcess(ABC):
    """A process that has one GGUF file loaded; a context manager that ends it."""

    def __init__(self, gguf: Path) -> None:
        if not gguf.is_file():
            raise UserError(f"There is no model file {gguf}: build it again with `manage.py build_model`.")
        self.gguf = gguf
        self._process: subprocess.Popen[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @abstractmethod
    def close(self) -> None:
        """End the process; safe to repeat."""

    def _spawn(self, command: list[str], *, answers: bool = False) -> subprocess.Popen[Any]:
        """Start it with a pipe as its input, whose end it notices; `answers` on a pipe of text, else into the log."""
        settings.LOG_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.LOG_DIR / LOG_NAME).open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if answers else log,
                stderr=log,
                text=answers,
                cwd=settings.PROJECT_DIR,
                # Threads that spin while they wait starve each other on a busy machine: 15 against 34 tokens/s.
                env=os.environ | settings.OFFLINE_ENVIRONMENT | {"OMP_WAIT_POLICY": "passive"},
            )

    def _unloadable(self) -> UserError:
        return UserError(f"llama.cpp could not load {self.gguf.name}: see {settings.LOG_DIR / LOG_NAME}.", exit_code=1)

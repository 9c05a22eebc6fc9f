"""A GGUF file served by a llama.cpp process of our own, for as long as we need it."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from evaluation.runtimes.base import Answer, Request, RuntimeFailure
from evaluation.runtimes.openai import RemoteServer
from evaluation.runtimes.own_process import LOG_NAME, OwnProcess
from web4site.errors import UserError

logger = logging.getLogger(__name__)

CONTEXT_TOKENS = 4096
START_SECONDS = 120.0
STOP_SECONDS = 5.0
RESTARTS = 3


class LlamaServer(OwnProcess):
    """Starts the server on a free port and waits until it answers; a context manager that stops it again.

    A server that dies under a request is started again for the next one, at most `RESTARTS` times.
    """

    def __init__(self, gguf: Path, *, alias: str = settings.MODEL_ALIAS, context_tokens: int = CONTEXT_TOKENS) -> None:
        super().__init__(gguf)
        self.alias = alias
        self.context_tokens = context_tokens
        self.restarts_left = RESTARTS
        self._remote: RemoteServer | None = None
        self._start()

    @property
    def url(self) -> str:
        return self._server().url

    def generate(self, request: Request) -> Answer:
        return self._server().generate(request)

    def stream(self, request: Request) -> Iterator[str]:
        return self._server().stream(request)

    def health(self) -> bool:
        alive = self._process is not None and self._process.poll() is None
        return alive and self._remote is not None and self._remote.health()

    def close(self) -> None:
        if self._remote:
            self._remote.close()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def _server(self) -> RemoteServer:
        """The client of a living process."""
        if self._process is None:
            raise RuntimeFailure("the model server is closed")
        if self._process.poll() is not None:
            if not self.restarts_left:
                raise RuntimeFailure(f"the model server died {RESTARTS + 1} times; see {LOG_NAME}")
            self.restarts_left -= 1
            logger.warning("Model server died with %s: starting it again", self._process.returncode)
            self.close()
            self._start()
        assert self._remote is not None
        return self._remote

    def _start(self) -> None:
        port = free_port()
        self._process = self._spawn(self._command(port))
        self._remote = RemoteServer(f"http://127.0.0.1:{port}", model=self.alias)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.close()
            raise

    def _command(self, port: int) -> list[str]:
        threads = str(os.cpu_count() or 1)
        return [
            *(sys.executable, "-m", "evaluation.runtimes.guarded_server"),
            *("--model", str(self.gguf), "--model_alias", self.alias),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--n_ctx", str(self.context_tokens), "--n_threads", threads, "--n_threads_batch", threads),
            # By default a second request cuts the first one off in mid-answer.
            *("--interrupt_requests", "false", "--verbose", "false"),
        ]

    def _wait_until_healthy(self) -> None:
        assert self._process is not None and self._remote is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise self._unloadable()
            if self._remote.health():
                return
            time.sleep(0.1)
        raise UserError(f"{self.gguf.name} was not served within {START_SECONDS:.0f} s.", exit_code=1)


def free_port() -> int:
    """A TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The live model, wherever it is served just now."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import httpx
from django.conf import settings

from evaluation.runtimes.base import Answer, Request, RuntimeFailure
from evaluation.runtimes.openai import BrokenOff, RemoteServer
from web4site.services.embedded import answers, live_model, model_facts, model_name, model_url
from web4site.services.supervisor import living

# A crashed server is back in seconds; a large model that had to make room for another takes longer.
PATIENCE_SECONDS = 90.0
RETRY_SECONDS = 0.2
T = TypeVar("T")


class LiveServer:
    """Asks whoever serves the live model at the moment of the question; a context of one question at a time.

    Looking up the address and connecting are two moments, and a switch may lie between them. So a request that failed
    before the first byte of its answer is asked again, of the address that holds then, as long as somebody keeps a
    server running. After the first byte nothing is repeated: no answer is ever put together from two models.
    `answered_by` is the name that the server which gave the latest answer calls itself, such as web4-agent:7.
    """

    def __init__(self, url: str = "") -> None:
        self.fixed_url = url  # of one certain server, whatever is live
        self.answered_by = ""

    def generate(self, request: Request) -> Answer:
        def ask(server: RemoteServer) -> Iterator[Answer]:
            yield server.generate(request)

        return next(self._attempts(ask))

    def stream(self, request: Request) -> Iterator[str]:
        yield from self._attempts(lambda server: server.stream(request))

    def health(self) -> bool:
        if not settings.OLLAMA_HOST:
            # Not a route of llama.cpp's: those wait for the generation under way.
            return answers(f"{self.fixed_url or model_url()}/health")
        server = self._server()
        try:
            return server.health()
        finally:
            server.close()

    def close(self) -> None:
        """Connections live as long as their question."""

    def _attempts(self, ask: Callable[[RemoteServer], Iterator[T]]) -> Iterator[T]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            server = self._server()
            try:
                first = True
                for piece in ask(server):
                    self.answered_by = server.answered_by or server.model
                    first = False
                    yield piece
                self.answered_by = server.answered_by or server.model  # an empty answer is one too
                return
            except RuntimeFailure as failure:
                if not (first and _lost(failure) and time.monotonic() < deadline and self._comes_back(server.url)):
                    raise
            finally:
                server.close()
            time.sleep(RETRY_SECONDS)

    def _server(self) -> RemoteServer:
        if settings.OLLAMA_HOST:
            live = live_model()
            return RemoteServer(settings.OLLAMA_HOST, model=model_name(live) if live else settings.MODEL_ALIAS)
        return RemoteServer(self.fixed_url or model_url(), model=settings.MODEL_ALIAS)

    def _comes_back(self, url: str) -> bool:
        """Whether asking again makes sense: the address has changed, or somebody will start the server again."""
        if settings.OLLAMA_HOST or self.fixed_url:
            return False
        return model_url() != url or living(model_facts().get("keeper", {})) is not None


def deployment_of(name: str) -> int | None:
    """The deployment that calls itself `name`; None when the server gave no such name."""
    number = name.rpartition(":")[2]
    return int(number) if number.isdecimal() else None


def _lost(failure: RuntimeFailure) -> bool:
    """The connection failed, not the model: refused, closed or reset before an answer began."""
    if isinstance(failure, BrokenOff):
        return True
    cause = failure.__cause__
    if isinstance(cause, httpx.TimeoutException):
        return isinstance(cause, httpx.ConnectTimeout)
    return isinstance(cause, httpx.TransportError)

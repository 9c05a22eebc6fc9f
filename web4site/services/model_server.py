"""llama.cpp's OpenAI server with what a switch without a lost request needs.

`python -m web4site.services.model_server --name web4-agent:7 ...` takes all arguments of `llama_cpp.server`, and

- serves no file but the one of the sha256 it is told, whatever lies under its name after months;
- names itself in every answer (header `X-Web4-Model`): only the process that answers knows for sure which model it is;
- answers `GET /health` at once; llama.cpp's own routes wait for the generation under way;
- on SIGUSR1 takes what still comes for two seconds, finishes everything it took, and then ends. SIGTERM will not do:
  the server's library cuts streams off on it.
"""

import argparse
import asyncio
import hashlib
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from llama_cpp.server.app import create_app
from llama_cpp.server.cli import add_args_from_model, parse_model_from_args
from llama_cpp.server.settings import ModelSettings, ServerSettings, Settings
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Longer than between a client's look at the address and its connection.
GRACE_SECONDS = 2.0


class Front:
    """Counts and names what passes through to the model."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        self.name = name
        self.active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/health":
            await JSONResponse({"model": self.name, "active": self.active})(scope, receive, self._naming(send))
            return
        self.active += 1
        try:
            await self.app(scope, receive, self._naming(send))
        finally:
            self.active -= 1

    def _naming(self, send: Send) -> Send:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Web4-Model"] = self.name
            await send(message)

        return named


class DrainingServer(uvicorn.Server):
    """Ends on SIGUSR1 once nobody waits for an answer."""

    front: Front

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._start_drain)

    def _start_drain(self) -> None:
        self._drain = asyncio.ensure_future(self._end_when_idle())

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        while self.front.active:
            await asyncio.sleep(0.05)
        self.should_exit = True


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="", help="what the server calls itself in its answers")
    parser.add_argument("--sha256", default="", help="of the file; another one is not served")
    add_args_from_model(parser, Settings)
    asked = parser.parse_args(arguments)
    if asked.sha256 and file_sha256(Path(asked.model)) != asked.sha256:
        sys.exit(f"{asked.model} is not the file that was evaluated: its sha256 has changed.")
    parse: Any = parse_model_from_args  # its own type hints say type[T] where it returns a T
    settings = parse(ServerSettings, asked)
    app: Any = create_app(server_settings=settings, model_settings=[parse(ModelSettings, asked)])
    front = Front(app, asked.name)
    config = uvicorn.Config(front, host=settings.host, port=settings.port, access_log=False)
    server = DrainingServer(config)
    server.front = front
    server.run()


if __name__ == "__main__":
    main()

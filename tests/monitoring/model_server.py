"""A model server that speaks the OpenAI protocol and says what it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ModelServer:
    """`answer` makes the pieces of the next answer from the question; `requests` are the bodies received so far."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[str], Iterator[str]] = lambda question: iter(["Good ", "morning."])
        self.status = 200

    def says(self, *pieces: str) -> None:
        self.answer = lambda question: iter(pieces)


@contextmanager
def serving(port: int) -> Iterator[ModelServer]:
    """Serve on loopback while the block runs."""
    script = ModelServer()
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(script))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(script: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._json({"data": [{"id": "web4-agent:latest"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            script.requests.append(body)
            if script.status != 200:
                self._json({"error": "scripted"}, script.status)
                return
            pieces = script.answer(body["messages"][-1]["content"])
            if body.get("stream"):
                self._stream(pieces)
                return
            text = "".join(pieces)
            usage = {"prompt_tokens": 5, "completion_tokens": len(text.split())}
            self._json({"choices": [{"message": {"role": "assistant", "content": text}}], "usage": usage})

        def _stream(self, pieces: Iterator[str]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for piece in pieces:
                self._event({"choices": [{"delta": {"content": piece}}]})
            self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, data: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
            self.wfile.flush()

        def _json(self, data: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler

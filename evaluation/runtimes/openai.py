"""A model behind the OpenAI chat protocol: the live server, or any other server that speaks it."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import httpx

from evaluation.runtimes.base import Answer, Request, RuntimeFailure

CONNECT_SECONDS = 5.0
READ_SECONDS = 300.0
NAME_HEADER = "X-Web4-Model"
END = "data: [DONE]"


class BrokenOff(RuntimeFailure):
    """A stream that ended without its end mark: what came of it is no answer."""


class RemoteServer:
    """Client of one server; `url` is its root, without `/v1`."""

    def __init__(self, url: str, *, model: str = "web4-agent:latest", read_seconds: float = READ_SECONDS) -> None:
        self.url = url.rstrip("/")
        self.model = model
        self.answered_by = ""  # what our own server calls itself in its answers, such as web4-agent:7
        timeout = httpx.Timeout(read_seconds, connect=CONNECT_SECONDS)
        # trust_env off: a proxy from the environment must never see loopback traffic. Reading all certificates of the
        # machine costs more than the request, and plain HTTP needs none.
        secure = self.url.startswith("https:")
        self._client = httpx.Client(base_url=self.url, timeout=timeout, trust_env=False, verify=secure)

    def generate(self, request: Request) -> Answer:
        began = time.monotonic()
        body = self._body(request)
        try:
            response = self._client.post("/v1/chat/completions", json=body)
            response.raise_for_status()
            self.answered_by = response.headers.get(NAME_HEADER, "")
            data = response.json()
            text = data["choices"][0]["message"]["content"] or ""
            usage = data.get("usage") or {}
        except httpx.HTTPError as error:
            raise RuntimeFailure(_reason(error)) from error
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise RuntimeFailure(f"the server's answer is not a chat completion ({error!r})") from error
        seconds = time.monotonic() - began
        return Answer(text, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0), seconds)

    def stream(self, request: Request) -> Iterator[str]:
        body = self._body(request) | {"stream": True}
        try:
            with self._client.stream("POST", "/v1/chat/completions", json=body) as response:
                response.raise_for_status()
                self.answered_by = response.headers.get(NAME_HEADER, "")
                for line in response.iter_lines():
                    if piece := _piece(line):
                        yield piece
                    elif line.strip() == END:
                        return
        except httpx.HTTPError as error:
            raise RuntimeFailure(_reason(error)) from error
        raise BrokenOff("the model server ended in mid-answer")

    def health(self) -> bool:
        try:
            return self._client.get("/v1/models", timeout=2.0).is_success
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        self._client.close()

    def _body(self, request: Request) -> dict[str, Any]:
        # Null, not an empty list, is "no stop words" in the protocol.
        return {"model": self.model, **asdict(request), "stop": list(request.stop) or None}


def _piece(line: str) -> str:
    """The text in one line of a server-sent event stream; empty for keep-alives, role deltas and the end mark."""
    if not line.startswith("data:") or line.strip() == END:
        return ""
    try:
        return json.loads(line[5:])["choices"][0]["delta"].get("content") or ""
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise RuntimeFailure(f"the server's stream is not a chat completion ({error!r})") from error


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"the model server answered {error.response.status_code}"
    if isinstance(error, httpx.TimeoutException):
        return "the model server did not answer in time"
    return f"the model server does not answer ({error})"

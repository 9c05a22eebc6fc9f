"""Publishing to Ollama, against a small server that keeps to Ollama's public API documentation."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from evaluation.models import Deployment
from evaluation.runtimes.ollama import ollama_point, ollama_upload
from training.models import Build
from web4site.errors import UserError


class Contract(BaseHTTPRequestHandler):
    """Blobs, create, copy and show, with the refusals the documentation names."""

    blobs: dict[str, bytes]
    models: dict[str, dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
        if self.path.startswith("/api/blobs/"):
            digest = self.path.removeprefix("/api/blobs/")
            right = digest == "sha256:" + hashlib.sha256(body).hexdigest()
            self.blobs[digest] = body
            return self._answer(201 if right else 400)
        asked = json.loads(body)
        match self.path:
            case "/api/create":
                if not set(asked["files"].values()) <= set(self.blobs):
                    return self._answer(400, {"error": "unknown blob"})
                self.models[asked["model"]] = asked
                return self._answer(200, {"status": "success"})
            case "/api/copy":
                if asked["source"] not in self.models:
                    return self._answer(404, {"error": "model not found"})
                self.models[asked["destination"]] = self.models[asked["source"]]
                return self._answer(200)
            case "/api/show":
                if asked["model"] not in self.models:
                    return self._answer(404, {"error": "model not found"})
                return self._answer(200, {"details": {}, "model_info": {}})
        return self._answer(404)

    def _chunks(self) -> bytes:
        body = b""
        while self.headers.get("Transfer-Encoding") == "chunked" and (size := int(self.rfile.readline(), 16)):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def _answer(self, status: int, content: dict[str, Any] | None = None) -> None:
        data = json.dumps(content).encode() if content is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *values: object) -> None:
        pass


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Contract]]:
    Contract.blobs, Contract.models = {}, {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Contract)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(settings, "OLLAMA_HOST", f"http://127.0.0.1:{server.server_port}")
    yield Contract
    server.shutdown()
    server.server_close()


def spoken(build: Build) -> Build:
    """The build with what its training knew of the chat."""
    build.manifest = {"chat": {"template": "{{ .Messages }}", "system": "Be kind.", "stop": ["<|im_end|>"]}}
    build.save(update_fields=["manifest"])
    return build


def test_a_version_is_created_and_the_alias_points_to_it(ollama: type[Contract], make_build) -> None:
    deployment = Deployment.objects.create(build=spoken(make_build("for-ollama")))
    ollama_upload(deployment)
    assert list(ollama.models) == [f"web4-agent:{deployment.pk}"]
    ollama_point(deployment)
    made = ollama.models["web4-agent:latest"]
    assert made["parameters"]["num_ctx"] == 4096 and made["parameters"]["stop"] == ["<|im_end|>"]
    assert (made["template"], made["system"]) == ("{{ .Messages }}", "Be kind.")
    file = Path(deployment.build.gguf)
    assert made["files"] == {file.name: f"sha256:{deployment.build.sha256}"}
    assert ollama.blobs[f"sha256:{deployment.build.sha256}"] == file.read_bytes()


def test_an_unknown_version_and_a_missing_server_are_one_clear_line(ollama, make_build, monkeypatch) -> None:
    deployment = Deployment.objects.create(build=spoken(make_build("never-uploaded")))
    with pytest.raises(UserError, match="refused the model: model not found"):
        ollama_point(deployment)
    monkeypatch.setattr(settings, "OLLAMA_HOST", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"Ollama at http://127\.0\.0\.1:9"):
        ollama_upload(deployment)

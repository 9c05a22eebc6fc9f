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
from evaluation.runtimes import live_runtime
from evaluation.runtimes.base import Request, user
from evaluation.runtimes.ollama import ollama_parity, ollama_point, ollama_server, ollama_upload
from evaluation.services.activation import deployment_rollback, deployments_prune
from evaluation.services.live_file import live_serve
from tests.evaluation.scripted import FakeRuntime
from training.models import Build
from web4site.errors import UserError


class Contract(BaseHTTPRequestHandler):
    """Blobs, create, copy, show, list, delete and chat, with the refusals the documentation names.

    https://github.com/ollama/ollama/blob/main/docs/api.md
    """

    blobs: dict[str, bytes]
    models: dict[str, dict[str, Any]]
    uploads: int
    says: str

    def do_HEAD(self) -> None:
        self._answer(200 if self.path.removeprefix("/api/blobs/") in self.blobs else 404)

    def do_GET(self) -> None:
        listed = [{"name": name, "model": name, "digest": self._digest(name)} for name in self.models]
        self._answer(200, {"models": listed} if self.path == "/api/tags" else {"data": []})

    def do_DELETE(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(200 if self.models.pop(asked["model"], None) else 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
        if self.path.startswith("/api/blobs/"):
            digest = self.path.removeprefix("/api/blobs/")
            right = digest == "sha256:" + hashlib.sha256(body).hexdigest()
            self.blobs[digest] = body
            type(self).uploads += 1
            return self._answer(201 if right else 400)
        asked = json.loads(body)
        match self.path:
            case "/api/create":
                if not set(asked["files"].values()) <= set(self.blobs):
                    return self._answer(400, {"error": "unknown blob"})
                self.models[asked["model"]] = asked
                return self._lines({"status": "parsing GGUF"}, {"status": "writing manifest"}, {"status": "success"})
            case "/api/copy":
                if asked["source"] not in self.models:
                    return self._answer(404, {"error": "model not found"})
                self.models[asked["destination"]] = self.models[asked["source"]]
                return self._answer(200)
            case "/api/show":
                if asked["model"] not in self.models:
                    return self._answer(404, {"error": "model not found"})
                return self._answer(200, self._shown(self.models[asked["model"]]))
            case "/v1/chat/completions":
                if asked["model"] not in self.models:
                    return self._answer(404, {"error": {"message": "model not found"}})
                text = f"{self.says} {asked['model']}" if self.says == "I am" else self.says
                return self._answer(200, {"choices": [{"message": {"role": "assistant", "content": text}}]})
        return self._answer(404)

    def _shown(self, made: dict[str, Any]) -> dict[str, Any]:
        """Parameters come as the lines of a Modelfile."""
        lines = []
        for name, value in made["parameters"].items():
            lines += [f"{name:<20}{json.dumps(one)}" for one in (value if isinstance(value, list) else [value])]
        return {"template": made["template"], "parameters": "\n".join(lines), "details": {}, "model_info": {}}

    def _digest(self, name: str) -> str:
        made = {key: value for key, value in self.models[name].items() if key != "stream"}
        return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()

    def _lines(self, *contents: dict[str, Any]) -> None:
        data = b"".join(json.dumps(content).encode() + b"\n" for content in contents)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

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
    Contract.blobs, Contract.models, Contract.uploads, Contract.says = {}, {}, 0, "I am"
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


def test_progress_is_told_and_a_blob_is_sent_once(ollama: type[Contract], make_build) -> None:
    build, told = spoken(make_build("twice")), []
    for _ in range(2):
        ollama_upload(Deployment.objects.create(build=build), report=lambda step: told.append(step.message))
    assert ollama.uploads == 1 and len(ollama.models) == 2
    assert told[0].startswith("uploading twice") and "Ollama: writing manifest" in told


def test_what_the_server_did_not_take_over_is_named(ollama: type[Contract], make_build, monkeypatch) -> None:
    monkeypatch.setattr(
        ollama, "_shown", lambda self, made: {"template": "other", "parameters": "stop x", "model_info": {}}
    )
    with pytest.raises(UserError, match="did not take over num_ctx, temperature, top_k, top_p, template"):
        ollama_upload(Deployment.objects.create(build=spoken(make_build("half"))))


def test_versions_beyond_five_are_deleted_and_foreign_models_are_not(ollama: type[Contract], make_build) -> None:
    old = []
    for number in range(7):
        deployment = Deployment.objects.create(build=spoken(make_build(f"v{number}")), runtime="ollama")
        ollama_upload(deployment)
        deployment.move(Deployment.Status.LIVE, allowed_from=("candidate",))
        deployment.move(Deployment.Status.RETIRED, allowed_from=("live",))
        old.append(deployment.pk)
    ollama.models |= {
        "web4-agent:latest": ollama.models[f"web4-agent:{old[-1]}"],
        "llama3:8b": {},
        "web4-agent:mine": {},
    }
    deployments_prune()
    assert set(ollama.models) == {
        "web4-agent:latest", "llama3:8b", "web4-agent:mine", *(f"web4-agent:{pk}" for pk in old[2:]),
    }  # fmt: skip


def test_the_live_model_is_asked_by_its_version_so_that_the_answer_names_it(ollama: type[Contract], make_build) -> None:
    deployment = Deployment.objects.create(build=spoken(make_build("named")), runtime="ollama")
    ollama_upload(deployment)
    live_serve(deployment)
    server = live_runtime()
    assert server.generate(Request(user("Who?"), 4)).text == f"I am web4-agent:{deployment.pk}"
    assert server.answered_by == f"web4-agent:{deployment.pk}"


def test_parity_compares_with_llama_cpp(ollama: type[Contract], make_build) -> None:
    deployment = Deployment.objects.create(build=spoken(make_build("parity")), runtime="ollama")
    ollama_upload(deployment)
    ollama.says = "Objective, Plan, Do, Check, Act."
    for reference, same in (("Objective, Plan, Do, Check and Act.", True), ("<|im_start|>user Name the", False)):
        passed, why = ollama_parity(ollama_server(deployment), FakeRuntime(lambda question, said=reference: said))
        assert passed == same and ("alike" in why) == same


def test_a_rollback_points_the_alias_back(ollama: type[Contract], make_build) -> None:
    """Retired by the next one, then live again: alias, file and row agree."""
    first, second = (Deployment.objects.create(build=spoken(make_build(name)), runtime="ollama") for name in "ab")
    for deployment in (first, second):
        ollama_upload(deployment)
    first.move(Deployment.Status.LIVE, allowed_from=("candidate",))
    first.move(Deployment.Status.RETIRED, allowed_from=("live",))
    second.move(Deployment.Status.LIVE, allowed_from=("candidate",))
    live_serve(second)
    assert deployment_rollback(reason="trial") == first
    assert ollama.models["web4-agent:latest"] is ollama.models[f"web4-agent:{first.pk}"]


def test_an_unknown_version_and_a_missing_server_are_one_clear_line(ollama, make_build, monkeypatch) -> None:
    deployment = Deployment.objects.create(build=spoken(make_build("never-uploaded")))
    with pytest.raises(UserError, match=r"refused the model: .*not found"):
        ollama_point(deployment)
    monkeypatch.setattr(settings, "OLLAMA_HOST", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"Ollama at http://127\.0\.0\.1:9"):
        ollama_upload(deployment)

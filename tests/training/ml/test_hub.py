"""Base models from the hub: a small hub of our own on loopback, speaking the protocol of the real one."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from training.ml.base_model import inspect_base_model, prepare_base_model
from web4site.errors import UserError

COMMIT = "a" * 40


@pytest.fixture
def hub(tiny_base: Path, monkeypatch):
    """Serves the tiny model as team/tiny."""

    class Hub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            route = self.path.split("?")[0]
            if route.startswith("/api/models/team/tiny"):
                self._json(route)
            elif route.startswith(f"/team/tiny/resolve/{COMMIT}/"):
                self._answer((tiny_base / route.rsplit("/", 1)[-1]).read_bytes())
            else:
                self._answer(b'{"error": "Repository not found"}', 404, {"X-Error-Code": "RepoNotFound"})

        do_HEAD = do_GET

        def _json(self, route: str) -> None:
            files = [{"rfilename": file.name} for file in sorted(tiny_base.iterdir())]
            tree = [
                {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": COMMIT}
                for file in sorted(tiny_base.iterdir())
            ]
            content = tree if "/tree/" in route else {"id": "team/tiny", "sha": COMMIT, "siblings": files}
            self._answer(json.dumps(content).encode(), kind="application/json")

        def _answer(self, body: bytes, status: int = 200, extra: dict | None = None, kind: str = "text/plain") -> None:
            self.send_response(status)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), "X-Repo-Commit": COMMIT}
            headers["ETag"] = f'"{hashlib.sha1(body).hexdigest()}"'
            for name, value in {**headers, **(extra or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_a_hub_id_is_fetched_once_and_is_a_whole_model(hub, tmp_path, tiny_base):
    folder = prepare_base_model(tmp_path / "team" / "tiny", "team/tiny")
    assert (folder / "model.safetensors").read_bytes() == (tiny_base / "model.safetensors").read_bytes()
    assert inspect_base_model(folder).architecture == "llama"
    hub.shutdown()
    assert prepare_base_model(folder, "team/tiny") == folder


def test_what_the_hub_does_not_have_or_cannot_give_is_said_in_one_line(hub, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="no model team/other"):
        prepare_base_model(tmp_path / "other", "team/other")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"could not be fetched from the hub.*copy its Hugging Face folder"):
        prepare_base_model(tmp_path / "tiny", "team/tiny")


def test_a_folder_that_is_not_there_is_not_filled_with_another_model(tmp_path):
    with pytest.raises(UserError, match=r"There is no base model .*nowhere"):
        prepare_base_model(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()

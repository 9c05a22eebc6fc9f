"""A real llama.cpp server with the bundled model."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from evaluation.runtimes.base import Request, Runtime, RuntimeFailure, user
from evaluation.runtimes.llamacpp import LlamaServer
from evaluation.runtimes.openai import RemoteServer
from training.ml.base_model import bundled_gguf
from web4site.errors import UserError

QUESTION = user("Name three colours.")


@pytest.fixture(scope="module")
def server() -> Iterator[LlamaServer]:
    with LlamaServer(bundled_gguf()) as running:
        yield running


def test_it_is_a_runtime_and_answers(server: LlamaServer) -> None:
    assert isinstance(server, Runtime) and server.health()
    answer = server.generate(Request(QUESTION, 24))
    assert answer.text.strip() and 0 < answer.tokens <= 24 and answer.prompt_tokens > 5 and answer.seconds > 0


def test_greedy_answers_repeat_and_stream_alike(server: LlamaServer) -> None:
    first = server.generate(Request(QUESTION, 16)).text
    assert server.generate(Request(QUESTION, 16)).text == first
    pieces = list(server.stream(Request(QUESTION, 16)))
    assert len(pieces) > 3 and "".join(pieces) == first


def test_stop_words_and_seeds_are_passed_on(server: LlamaServer) -> None:
    whole = server.generate(Request(QUESTION, 24)).text
    word = whole.split()[2]
    assert word not in server.generate(Request(QUESTION, 24, stop=[word])).text
    samples = {server.generate(Request(QUESTION, 12, temperature=1.5, seed=seed)).text for seed in (1, 2, 3, 1)}
    assert len(samples) == 3


def test_a_question_beyond_the_context_is_a_failure_not_a_crash(server: LlamaServer) -> None:
    with pytest.raises(RuntimeFailure, match=r"answered [45]\d\d"):
        server.generate(Request(user("word " * 6000), 8))
    assert server.generate(Request(QUESTION, 4)).tokens


def test_the_live_client_speaks_to_the_same_server(server: LlamaServer) -> None:
    remote = RemoteServer(server.url)
    assert remote.health()
    assert remote.generate(Request(QUESTION, 8)).text == server.generate(Request(QUESTION, 8)).text
    remote.close()


def test_no_server_is_a_failure_with_a_reason() -> None:
    remote = RemoteServer("http://127.0.0.1:9")
    assert not remote.health()
    with pytest.raises(RuntimeFailure, match="does not answer"):
        remote.generate(Request(QUESTION, 8))


def test_a_killed_server_is_started_again_and_closing_ends_it() -> None:
    with LlamaServer(bundled_gguf()) as server:
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        psutil.Process(first).wait(5)
        assert server.generate(Request(QUESTION, 4)).tokens
        second = server.pid
        assert second not in (None, first)
    assert not psutil.pid_exists(second)
    with pytest.raises(RuntimeFailure, match="closed"):
        server.generate(Request(QUESTION, 4))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no model file"):
        LlamaServer(tmp_path / "missing.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"no model")
    with pytest.raises(UserError, match=r"could not load broken\.gguf"):
        LlamaServer(broken)


def test_the_server_dies_with_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "import sys, time; from pathlib import Path; from evaluation.runtimes.llamacpp import LlamaServer\n"
        "server = LlamaServer(Path(sys.argv[1])); print(server.pid, flush=True); time.sleep(60)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "web4site.settings"}
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(bundled_gguf())],
        stdout=subprocess.PIPE, text=True, cwd=settings.PROJECT_DIR, env=environment,
    )  # fmt: skip
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the model server outlived its parent"
        time.sleep(0.05)

"""A deployment under a running supervisor: real servers, 200 requests under way, a real switch, a real way back."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from evaluation.models import Deployment
from evaluation.runtimes import live_runtime
from evaluation.runtimes.base import Request, RuntimeFailure, user
from evaluation.runtimes.live import deployment_of
from evaluation.selectors import serving_fault
from evaluation.services import activation, live_file
from evaluation.services.builds import build_register
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.training.tiny import write_tiny_model
from training.ml.gguf_export import export_gguf
from web4site.errors import UserError
from web4site.services import rolling
from web4site.services.embedded import model_facts, model_service, model_url, services_running
from web4site.services.locks import ServiceLock
from web4site.services.supervisor import PidFile, Supervisor

Status = Deployment.Status
pytestmark = pytest.mark.django_db
QUESTION = "The plan names"


@pytest.fixture(scope="module")
def ggufs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two random models that answer the same question differently."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("two")
    files = [export_gguf(write_tiny_model(folder / "one"), folder / "one.F16.gguf", name="one")]
    model = AutoModelForCausalLM.from_pretrained(folder / "one")
    torch.manual_seed(8)
    for weights in model.parameters():
        if weights.dim() > 1:
            weights.data.normal_(0, 0.02)
    model.save_pretrained(folder / "one")
    return [*files, export_gguf(folder / "one", folder / "two.F16.gguf", name="two")]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """The live model's server under a supervisor, as `up` runs it."""
    supervisor = Supervisor([model_service()], settings.RUN_DIR, settings.LOG_DIR)
    stop = threading.Event()
    watcher = threading.Thread(target=lambda: supervisor.watch(stop.is_set, 0.05), daemon=True)
    watcher.start()
    yield supervisor
    stop.set()
    watcher.join(20)
    supervisor.stop()
    live_file.next_file().unlink(missing_ok=True)


def deployed(gguf: Path, status: str = Status.APPROVED) -> Deployment:
    build = build_register(gguf=gguf, name=gguf.stem, base_model="tiny")
    deployment = Deployment.objects.create(build=build)
    deployment.move(Status.CLEARED, allowed_from=(Status.CANDIDATE,))
    deployment.move(Status.APPROVED, allowed_from=(Status.CLEARED,))
    if status == Status.LIVE:
        deployment.move(Status.LIVE, allowed_from=(Status.APPROVED,))
        live_file.live_serve(deployment)
        until(lambda: model_facts().get("deployment") == deployment.pk and live_runtime().health())
    return deployment


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@dataclass
class Told:
    """One answer: when it was asked for, who gave it, and what it said."""

    asked: float
    by: int | None
    text: str


def ask(number: int) -> Told:
    """Every second one streams."""
    server, asked = live_runtime(), time.monotonic()
    if number % 2:
        text = "".join(server.stream(Request(user(QUESTION), 6)))
    else:
        text = server.generate(Request(user(QUESTION), 6)).text
    return Told(asked, deployment_of(server.answered_by), text)


def model_processes() -> list[psutil.Process]:
    # A process that ended between two looks has no command line; as_dict says None then instead of raising.
    children = [one for one in psutil.Process().children() if one.is_running()]
    return [one for one in children if "web4site.services.model_server" in (one.as_dict(["cmdline"])["cmdline"] or ())]


@pytest.mark.slow
def test_200_requests_in_flight_over_a_switch_and_a_roll_back(supervisor: Supervisor, ggufs: list[Path]) -> None:
    first = deployed(ggufs[0], Status.LIVE)
    second = deployed(ggufs[1])
    stop, told = threading.Event(), deque[Told]()

    def keep_asking(number: int) -> None:
        while not stop.is_set():
            told.append(ask(number))

    with ThreadPoolExecutor(200) as pool:
        clients = [pool.submit(keep_asking, number) for number in range(200)]
        try:
            until(lambda: len(told) > 50)
            activation.deployment_activate(deployment=second, runtime=FakeRuntime(all_perfect()))
            until(lambda: told[-1].by == second.pk)
            began = time.monotonic()
            activation.deployment_rollback(reason="trial")
            until(lambda: told[-1].by == first.pk and told[-1].asked > began, 10)
        finally:
            stop.set()
    for client in clients:
        client.result()  # raises what the client met

    texts = {pk: {one.text for one in told if one.by == pk} for pk in (first.pk, second.pk)}
    assert all(len(texts[pk]) == 1 for pk in texts), "each model has one answer to the one question, whole"
    assert texts[first.pk] != texts[second.pk] and {one.by for one in told} == {first.pk, second.pk}
    until(lambda: len(model_processes()) == 1)
    until(lambda: not list(settings.RUN_DIR.glob("model.*.pid")))


@pytest.mark.slow
def test_a_file_that_does_not_load_never_touches_the_live_model(
    supervisor: Supervisor, ggufs: list[Path], tmp_path: Path
) -> None:
    first = deployed(ggufs[0], Status.LIVE)
    before = model_facts()
    broken = tmp_path / "broken.Q4_1.gguf"
    broken.write_bytes(b"GGUF but no model")
    bad = deployed(broken)
    with pytest.raises(UserError, match=r"could not load broken\.Q4_1\.gguf"):
        activation.deployment_activate(deployment=bad)
    bad.refresh_from_db()
    first.refresh_from_db()
    assert (bad.status, first.status, model_facts()) == (Status.ROLLED_BACK, Status.LIVE, before)
    assert ask(0).by == first.pk

    # Smoke tests fail on the server that would have gone live: it ends, the live one stays.
    poor = deployed(ggufs[1])
    with pytest.raises(UserError, match="did not pass its smoke tests"):
        activation.deployment_activate(deployment=poor)
    assert "trained-knowledge" in activation.smoke_faults(poor.smoke)
    assert model_facts() == before
    until(lambda: len(model_processes()) == 1)

    # The next one finds the port free again, and a crash heals without a failed question.
    psutil.Process(before["pid"]).kill()
    assert ask(0).by == first.pk and model_facts()["pid"] != before["pid"]


@pytest.mark.slow
def test_without_memory_for_two_a_candidate_waits_and_a_roll_back_still_works(
    supervisor: Supervisor, ggufs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(ggufs[0], Status.LIVE)
    monkeypatch.setattr(rolling, "_shortage", lambda load: "a second model needs 5 GB" if supervisor.children else "")
    candidate = deployed(ggufs[1])
    with pytest.raises(UserError, match="cannot be tested beside the live model: a second model needs 5 GB"):
        activation.deployment_activate(deployment=candidate, runtime=FakeRuntime(all_perfect()))
    candidate.refresh_from_db()
    assert candidate.status == Status.APPROVED
    # What is live by decision is served all the same: the one before it leaves first, and questions wait.
    monkeypatch.setattr(rolling, "_shortage", lambda load: "too little" if model_processes() else "")
    live_file.live_serve(candidate)
    with ThreadPoolExecutor(10) as clients:
        told = list(clients.map(ask, range(10)))
    assert {one.by for one in told} <= set(Deployment.objects.values_list("pk", flat=True))
    until(lambda: ask(0).by == candidate.pk)


@pytest.mark.slow
def test_a_deployment_that_was_killed_before_its_switch_can_be_repeated_at_once(
    supervisor: Supervisor, ggufs: list[Path]
) -> None:
    deployed(ggufs[0], Status.LIVE)
    second = deployed(ggufs[1])
    killed = live_file.model_prepared(second)
    killed.__enter__()  # and no more: its maker is dead, its wish and its server stand there still
    activation.deployment_activate(deployment=second, runtime=FakeRuntime(all_perfect()))
    assert ask(0).by == second.pk
    until(lambda: len(model_processes()) == 1)


@pytest.mark.slow
def test_a_server_that_hangs_is_replaced(
    supervisor: Supervisor, ggufs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = deployed(ggufs[0], Status.LIVE)
    monkeypatch.setattr(rolling, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(rolling, "HANG_SECONDS", 1.0)
    hanging = psutil.Process(model_facts()["pid"])
    hanging.suspend()
    until(lambda: model_facts()["pid"] != hanging.pid)
    assert ask(0).by == first.pk and not hanging.is_running()


@pytest.mark.slow
def test_a_command_starts_no_rival_of_a_server_that_comes_back(supervisor: Supervisor, ggufs: list[Path]) -> None:
    first = deployed(ggufs[0], Status.LIVE)
    owner = ServiceLock(settings.RUN_DIR, "model")  # as `up` holds it
    owner.share()
    psutil.Process(model_facts()["pid"]).kill()
    with services_running("model"):
        assert ask(0).by == first.pk
    owner.release()
    assert [process.pid for process in model_processes()] == [model_facts()["pid"]]


@pytest.mark.slow
def test_a_file_that_changes_after_it_went_live_is_served_no_more(
    supervisor: Supervisor, ggufs: list[Path], tmp_path: Path
) -> None:
    gguf = tmp_path / "live.F16.gguf"
    gguf.write_bytes(ggufs[0].read_bytes() + b"\0")
    deployed(gguf, Status.LIVE)
    assert serving_fault() == ""
    before = psutil.Process(model_facts()["pid"])
    gguf.write_bytes(ggufs[1].read_bytes())
    before.kill()
    until(lambda: "is not the file that was evaluated" in (settings.LOG_DIR / "model.log").read_text(errors="replace"))
    until(lambda: not model_processes())
    assert "does not run" in serving_fault()


def test_addresses_of_the_dead_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    file = PidFile(settings.RUN_DIR, "model")
    file.path.write_text(json.dumps({"pid": 2**22 + 1, "created": 1.0, "port": 1, "keeper": {"pid": 2**22 + 1}}))
    assert model_url() == settings.MODEL_URL and not live_file.model_supervised()
    with pytest.raises(RuntimeFailure, match="does not answer"):
        ask(0)
    file.clear()


def test_an_expired_preparation_is_none(make_build) -> None:
    from web4site.services.embedded import next_model

    live_file.next_file().parent.mkdir(parents=True, exist_ok=True)
    for until_, found in ((time.time() + 60, True), (time.time() - 1, False)):
        facts = {"deployment": 1, "gguf": "a", "alias": "b:latest", "until": until_}
        live_file.next_file().write_text(json.dumps(facts))
        assert (next_model() is not None) == found
    live_file.next_file().write_text("half a fi")
    assert next_model() is None
    live_file.next_file().unlink()

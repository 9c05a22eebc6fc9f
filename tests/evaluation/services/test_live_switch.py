"""A deployment under a running supervisor: real servers, a real switch, a real way back."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from evaluation.models import Deployment
from evaluation.runtimes import live_runtime
from evaluation.runtimes.base import user
from evaluation.services import activation
from evaluation.services.builds import build_register
from evaluation.services.deployments import baseline_ensure
from tests.evaluation.scripted import FakeRuntime, all_perfect
from training.ml.base_model import bundled_gguf
from web4site.errors import UserError
from web4site.services.embedded import model_service
from web4site.services.supervisor import PidFile, Supervisor

Status = Deployment.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def supervised() -> Iterator[Callable[[], None]]:
    """The live model's server under a supervisor, as `up` runs it; call it once something is live."""
    supervisor = Supervisor([model_service()], settings.RUN_DIR, settings.LOG_DIR)
    web, stop = PidFile(settings.RUN_DIR, "web"), threading.Event()
    watcher = threading.Thread(target=lambda: supervisor.watch(stop.is_set, 0.1), daemon=True)

    def start() -> None:
        supervisor.start()
        web.write(psutil.Process())
        watcher.start()

    yield start
    stop.set()
    watcher.join(20)
    supervisor.stop()
    web.clear()


def approved(gguf: Path) -> Deployment:
    deployment = Deployment.objects.create(build=build_register(gguf=gguf, name=gguf.stem, base_model="tiny"))
    deployment.move(Status.CLEARED, allowed_from=(Status.CANDIDATE,))
    deployment.move(Status.APPROVED, allowed_from=(Status.CLEARED,))
    return deployment


@pytest.mark.slow
def test_switch_and_roll_back_under_a_supervisor(supervised, tmp_path: Path, monkeypatch) -> None:
    copy = tmp_path / "candidate.Q4_1.gguf"
    # The trailing byte makes it another build; llama.cpp reads only what the header announces.
    copy.write_bytes(bundled_gguf().read_bytes() + b"\0")
    broken = tmp_path / "broken.Q4_1.gguf"
    broken.write_bytes(b"GGUF but no model")
    baseline = baseline_ensure()
    supervised()

    deployment = approved(copy)
    activation.deployment_activate(deployment=deployment, runtime=FakeRuntime(all_perfect()))
    server = live_runtime()
    assert deployment.status == Status.LIVE
    assert str(copy) in " ".join(psutil.Process(activation._model_process()).cmdline())
    assert server.generate(user("Say hello."), max_tokens=4).tokens

    # A file that its own server cannot load: the live server would never come back.
    monkeypatch.setattr(activation, "SWITCH_SECONDS", 6.0)
    with pytest.raises(UserError, match="rolled back at once"):
        activation.deployment_activate(deployment=approved(broken), runtime=FakeRuntime(all_perfect()))
    deployment.refresh_from_db()
    baseline.refresh_from_db()
    assert (deployment.status, baseline.status) == (Status.LIVE, Status.RETIRED)
    deadline = time.monotonic() + 30
    while not server.health():
        assert time.monotonic() < deadline, "the last good model did not come back"
        time.sleep(0.1)
    assert str(copy) in " ".join(psutil.Process(activation._model_process()).cmdline())
    server.close()

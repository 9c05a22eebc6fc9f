"""`manage.py up` with all its processes: what is killed comes back, nothing queued is lost, nothing stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

pytestmark = pytest.mark.slow
CHILDREN = [
    "redis",
    "chroma",
    "model",
    "web",
    "worker-default",
    "worker-index",
    "worker-train",
    "worker-evaluate",
    "cron",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.2)
    return value


class Platform:
    """A running `manage.py up` in a home of its own."""

    def __init__(self, home):
        self.home = home
        names = ("WEB4_PORT", "WEB4_REDIS_PORT", "WEB4_CHROMA_PORT", "WEB4_MODEL_PORT")
        self.ports = {name: str(free_port()) for name in names}
        self.environment = {**os.environ, **self.ports, "WEB4_HOME": str(home)}
        self.log = (home / "up.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], env=self.environment, stdout=self.log, stderr=self.log
        )

    def output(self):
        self.log.flush()
        return (self.home / "up.log").read_text()

    def healthy(self):
        assert self.process.poll() is None, self.output()
        try:
            url = f"http://127.0.0.1:{self.ports['WEB4_PORT']}/health/"
            return urllib.request.urlopen(url, timeout=1).status == 200
        except OSError:
            return False

    def answers(self):
        try:
            url = f"http://127.0.0.1:{self.ports['WEB4_MODEL_PORT']}/v1/models"
            return "web4-agent:latest" in urllib.request.urlopen(url, timeout=1).read().decode()
        except OSError:
            return False

    def pid(self, name):
        try:
            return json.loads((self.home / "run" / f"{name}.pid").read_text())["pid"]
        except (OSError, ValueError):
            return None

    def shell(self, code):
        """Run Python inside the platform's Django; returns its last line as JSON."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def enqueue(self, queue, seconds):
        return self.shell(
            "import json; from web4site.runs import run_enqueue; from web4site.models import Run\n"
            f"run = run_enqueue(kind=Run.Kind.OTHER, title='Sleep', job='tests.jobs.sleep_job', queue={queue!r}, "
            f"params={{'seconds': {seconds}}})\nprint(json.dumps(run.pk))"
        )

    def run(self, pk):
        return self.shell(
            "import json; from web4site.models import Run\n"
            f"run = Run.objects.get(pk={pk}); print(json.dumps([run.status, run.error]))"
        )


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    platform = Platform(tmp_path_factory.mktemp("up"))
    try:
        until(lambda: "is up: http" in platform.output() and platform.healthy(), 90, "the start")
        platform.shell("from evaluation.services.deployments import baseline_ensure; print(baseline_ensure().pk)")
        until(platform.answers, 60, "the first answer of the model that went live under a running platform")
        yield platform
    finally:
        if platform.process.poll() is None:
            platform.process.send_signal(signal.SIGINT)
            platform.process.wait(60)


def test_the_first_start_shows_a_password_once(platform):
    assert platform.output().count("Sign in as 'admin' with the password") == 1


def test_a_second_up_says_that_the_first_is_running(platform):
    done = subprocess.run([sys.executable, "manage.py", "up"], env=platform.environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "already in use by a running `manage.py up`" in done.stderr and "Traceback" not in done.stderr


def test_doctor_finds_a_running_platform_in_order(platform):
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"], env=platform.environment, capture_output=True, text=True
    )
    checks = {check["name"]: check["status"] for check in json.loads(done.stdout.splitlines()[-1])["checks"]}
    assert {checks[name] for name in ("redis", "chroma", "web", "workers", "database")} == {"ok"}


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_comes_back(platform, name):
    before = platform.pid(name)
    os.kill(before, signal.SIGKILL)
    until(lambda: platform.pid(name) not in (None, before) and psutil.pid_exists(platform.pid(name)), 15, name)
    until(lambda: platform.healthy() and platform.answers(), 30, "health")


def test_a_job_queued_while_redis_and_its_worker_die_is_still_done(platform):
    blocker = platform.enqueue("index", 3)
    waiting = platform.enqueue("index", 0)
    os.kill(platform.pid("redis"), signal.SIGKILL)
    os.kill(platform.pid("worker-index"), signal.SIGKILL)
    until(lambda: platform.run(waiting)[0] == "succeeded", 90, "the waiting job")
    assert until(lambda: platform.run(blocker)[0] in ("failed", "succeeded"), 60, "the end of the blocker")


def test_killing_a_worker_in_mid_work_marks_its_run_failed_within_a_minute(platform):
    pk = platform.enqueue("train", 300)
    until(lambda: platform.run(pk)[0] == "running", 30, "the start of the job")
    os.kill(platform.pid("worker-train"), signal.SIGKILL)
    until(lambda: platform.run(pk)[0] == "failed", 60, "the failure")
    assert "killed" in platform.run(pk)[1] or "went away" in platform.run(pk)[1]


def test_killing_the_process_that_does_the_job_marks_its_run_failed_within_a_minute(platform):
    pk = platform.enqueue("train", 300)
    until(lambda: platform.run(pk)[0] == "running", 30, "the start of the job")
    horse = psutil.Process(platform.pid("worker-train")).children()[0]
    horse.kill()
    until(lambda: platform.run(pk)[0] == "failed", 60, "the failure")


def test_ctrl_c_stops_everything_and_leaves_no_orphans(platform):
    supervised = [psutil.Process(platform.pid(name)) for name in CHILDREN]
    family = {child for process in supervised for child in [process, *process.children(recursive=True)]}
    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(60) == 0, platform.output()
    assert not [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

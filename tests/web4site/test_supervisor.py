"""The process supervisor with real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from web4site.errors import UserError
from web4site.services.supervisor import PidFile, Service, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal,time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
]


def service(name="sleeper", command=SLEEP, **options):
    return Service(name, lambda: command, options.pop("healthy", lambda: True), **options)


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def supervise(tmp_path):
    started = []

    def start(*services):
        supervisor = Supervisor(services, tmp_path / "run", tmp_path / "logs")
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def test_a_killed_child_comes_back(supervise):
    supervisor = supervise(service())
    first = supervisor.children[0].popen.pid
    os.kill(first, signal.SIGKILL)
    stop_at = time.monotonic() + 2
    supervisor.watch(lambda: time.monotonic() > stop_at, interval=0.05)
    child = supervisor.children[0]
    assert child.alive and child.popen.pid != first and child.restarts == 1


def test_back_off_doubles_for_a_child_that_keeps_crashing(supervise, tmp_path):
    supervisor = supervise(service())
    child = supervisor.children[0]
    child.stop()
    crashing = Supervisor(
        [service(command=[sys.executable, "-c", "raise SystemExit(3)"])], tmp_path / "r2", tmp_path / "l2"
    )
    crashing.children[0].start()
    stop_at = time.monotonic() + 2.5
    crashing.watch(lambda: time.monotonic() > stop_at, interval=0.02)
    assert 1 <= crashing.children[0].restarts <= 3
    assert crashing.children[0].backoff > 0.5


def test_stop_leaves_no_process_even_when_one_ignores_sigterm(supervise):
    supervisor = supervise(service(), service("stubborn", STUBBORN, stop_seconds=0.3))
    pids = [child.popen.pid for child in supervisor.children]
    time.sleep(0.3)
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_stop_ends_descendants_with_a_session_of_their_own(supervise, tmp_path):
    mark = tmp_path / "pid"
    code = (
        "import subprocess,sys,time;"
        f"p=subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)'],start_new_session=True);"
        f"open({str(mark)!r},'w').write(str(p.pid)); time.sleep(60)"
    )
    supervisor = supervise(service(command=[sys.executable, "-c", code], stop_seconds=1))
    until(lambda: mark.exists() and mark.read_text())
    supervisor.stop()
    grandchild = int(mark.read_text())
    until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE)


def test_a_child_restarts_when_what_it_serves_changes(supervise):
    versions = iter(["1"])
    current = {"value": next(versions)}
    supervisor = supervise(service(version=lambda: current["value"]))
    first = supervisor.children[0].popen.pid
    current["value"] = "2"
    stop_at = time.monotonic() + 0.5
    supervisor.watch(lambda: time.monotonic() > stop_at, interval=0.05)
    assert supervisor.children[0].popen.pid != first


def test_a_port_in_use_is_one_clear_line(supervise):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} .* in use .* WEB4_X_PORT"):
            supervise(service(port=port, port_setting="WEB4_X_PORT"))


def test_a_child_that_dies_at_once_shows_its_log_and_stops_the_others(supervise, tmp_path):
    broken = service(
        "broken", [sys.executable, "-c", "print('no such model'); raise SystemExit(1)"], healthy=lambda: False
    )
    with pytest.raises(UserError, match=r"broken stopped right after its start.*no such model"):
        supervise(service(), broken)
    assert PidFile(tmp_path / "run", "sleeper").process() is None


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    code = f"""
import sys, time
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from web4site.services.supervisor import Service, Supervisor
s = Supervisor([Service("orphan", lambda: [sys.executable, "-c", "import time; time.sleep(60)"], lambda: True)],
               Path({str(tmp_path)!r}) / "run", Path({str(tmp_path)!r}) / "logs")
s.start()
print(s.children[0].popen.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE, 12)

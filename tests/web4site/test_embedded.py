"""Commands that borrow embedded services: started once, shared, switched off by the last user."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.test_errors import ROOT, free_port
from web4site.services.supervisor import PidFile

BORROWER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "web4site.settings"
import django
django.setup()
from web4site.services.embedded import services_running
with services_running("redis"):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def borrow(tmp_path):
    """Starts processes that borrow Redis until their standard input is closed."""
    environment = {**os.environ, "WEB4_HOME": str(tmp_path), "WEB4_REDIS_PORT": str(free_port())}
    started = []

    def start(program=BORROWER):
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        finish(process)
    if redis := PidFile(tmp_path / "run", "redis").process():
        redis.kill()


def finish(process):
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    process.wait(20)


def redis_of(home):
    return PidFile(home / "run", "redis").process()


def test_two_commands_share_one_server_and_the_last_one_stops_it(borrow, tmp_path):
    first, second = borrow(), borrow()
    server = redis_of(tmp_path)
    finish(first)
    assert redis_of(tmp_path) == server, "the second command still uses it"
    finish(second)
    assert redis_of(tmp_path) is None and not server.is_running()


def test_what_a_killed_command_leaves_is_used_and_then_stopped_by_the_next(borrow, tmp_path):
    killed = borrow()
    server = redis_of(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    following = borrow()
    assert redis_of(tmp_path) == server
    finish(following)
    assert redis_of(tmp_path) is None


TERMINATED = """
import atexit, os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "web4site.settings"
import django
django.setup()
from web4site.commands import Command
atexit.register(time.sleep, 1)
class Waiting(Command):
    services = ("redis",)
    needs_database = False
    def run(self, **options):
        print("ready", flush=True)
        import sys
        sys.stdin.read()
Waiting().run_from_argv(["manage.py", "waiting", "--json"])
"""


@pytest.mark.parametrize("second", ["none", "at once", "at the very end"])
def test_a_terminated_command_stops_what_it_started_and_nothing_else(borrow, tmp_path, second):
    stopped = borrow(TERMINATED)
    other = borrow()
    server = redis_of(tmp_path)
    stop(stopped, second)
    assert redis_of(tmp_path) == server, "another command uses it"
    finish(other)
    stop(borrow(TERMINATED), second)
    assert redis_of(tmp_path) is None


def stop(process, second):
    """Terminate it; a second signal comes at once, or when it has answered and only its interpreter has not ended."""
    process.send_signal(signal.SIGTERM)
    if second == "at once":
        process.send_signal(signal.SIGTERM)
    assert json.loads(process.stdout.readline()) == {"error": "Interrupted."}
    if second == "at the very end":
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 1


def test_a_recycled_process_id_is_not_mistaken_for_ours(tmp_path):
    path = tmp_path / "redis.pid"
    path.write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time() - 100}))
    assert PidFile(tmp_path, "redis").process() is None
    path.write_text("half a fi")
    assert PidFile(tmp_path, "redis").process() is None

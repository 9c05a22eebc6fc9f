"""Start, watch and stop the processes of the platform; knows nothing of what they do."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from web4site.errors import UserError

logger = logging.getLogger(__name__)

BACKOFF_FIRST = 0.5
BACKOFF_MOST = 30.0
STEADY_AFTER = 60.0
LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class Service:
    """One process to keep alive.

    `command` may return None while there is nothing to run (no model deployed yet). `version` changes when the
    service has to be restarted to pick something up. `port` is checked to be free before the first start.
    """

    name: str
    command: Callable[[], Sequence[str] | None]
    healthy: Callable[[], bool]
    port: int | None = None
    port_setting: str = ""
    version: Callable[[], str] = field(default=lambda: "")
    environment: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = 60.0
    stop_seconds: float = 10.0
    required: bool = True  # otherwise the others start even when this one cannot

    def child(self, run_dir: Path, log_dir: Path) -> "Child":
        return Child(self, run_dir, log_dir)


class PidFile:
    """Who runs a service: process id with creation time, so that a recycled id is never mistaken for ours.

    `facts` are whatever else readers need to know of the process, its address for one.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.pid"

    def write(self, process: psutil.Process, **facts: Any) -> None:
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps({**identity(process), **facts}))
        draft.replace(self.path)

    def facts(self) -> dict[str, Any]:
        """What was written, whether the process lives or not; empty when nothing was."""
        try:
            facts = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def process(self) -> psutil.Process | None:
        """The living process, or None."""
        return living(self.facts())

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


def identity(process: psutil.Process) -> dict[str, Any]:
    return {"pid": process.pid, "created": process.create_time()}


def living(identity: dict[str, Any]) -> psutil.Process | None:
    """The process that `identity` was taken of, or None when it is no more."""
    try:
        process = psutil.Process(identity["pid"])
        same = abs(process.create_time() - identity["created"]) < 0.01
        alive = same and process.status() != psutil.STATUS_ZOMBIE
    except (ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process if alive else None


class Child:
    """A supervised service: its process, and when to try again after a crash."""

    def __init__(self, service: Service, run_dir: Path, log_dir: Path) -> None:
        self.service = service
        self.pid_file = PidFile(run_dir, service.name)
        self.log = log_dir / f"{service.name}.log"
        self.popen: subprocess.Popen[bytes] | None = None
        self.version = ""
        self.started = 0.0
        self.backoff = BACKOFF_FIRST
        self.retry_at = 0.0
        self.restarts = 0

    @property
    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def start(self) -> bool:
        """Spawn the process; False when there is nothing to run."""
        command = self.service.command()
        if command is None:
            return False
        self.version = self.service.version()
        self.popen = self.spawn(command)
        self.pid_file.write(psutil.Process(self.popen.pid))
        self.started = time.monotonic()
        return True

    def spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """A process that writes to the service's log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the supervisor only, which then stops all in order.
            return subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.service.environment},
                start_new_session=True,
            )

    def stop(self) -> None:
        if self.popen is not None:
            stop_group(self.popen.pid, self.service.stop_seconds)
        self.popen = None
        self.pid_file.clear()

    def wait_healthy(self) -> None:
        """Block until the service answers; raises UserError with the end of its log when it does not."""
        deadline = time.monotonic() + self.service.start_seconds
        while time.monotonic() < deadline:
            if not self.alive:
                break
            if self.service.healthy():
                return
            time.sleep(0.1)
        raise self.no_start("did not answer in time" if self.alive else "stopped right after its start")

    def no_start(self, why: str) -> UserError:
        return UserError(f"{self.service.name} {why}. The end of {self.log}: {tail(self.log)}", exit_code=1)

    def tend(self) -> None:
        """Start it again when it crashed or has to change; called a few times a second."""
        now = time.monotonic()
        if self.alive:
            if now - self.started > STEADY_AFTER:
                self.backoff = BACKOFF_FIRST
            if self.service.version() != self.version:
                logger.info("%s restarts: what it serves has changed", self.service.name)
                self.stop()
                self.start()
            return
        if self.popen is not None:
            self.note_crash(self.popen)
            self.popen = None
        if now >= self.retry_at:
            self.start()

    def note_crash(self, popen: subprocess.Popen[bytes]) -> None:
        """Clean up after a process that ended by itself, and wait longer each time before the next try."""
        logger.warning("%s ended with code %s; next try in %.1f s", self.service.name, popen.returncode, self.backoff)
        # Its own children may have survived it: a worker's horse, a server's workers.
        stop_group(popen.pid, 2)
        self.retry_at = time.monotonic() + self.backoff
        self.backoff = min(self.backoff * 2, BACKOFF_MOST)
        self.restarts += 1

    def clear_leftover(self) -> None:
        """End a process that an earlier supervisor left behind when it was killed."""
        clear_leftover(self.pid_file, self.service.stop_seconds)


def clear_leftover(pid_file: PidFile, stop_seconds: float) -> None:
    if process := pid_file.process():
        logger.warning("Ending %s (pid %d) left over from an earlier start", pid_file.path.stem, process.pid)
        stop_group(process.pid, stop_seconds)
    pid_file.clear()


class Supervisor:
    """Keeps a list of services running, in their order, until told to stop."""

    def __init__(self, services: Sequence[Service], run_dir: Path, log_dir: Path) -> None:
        run_dir.mkdir(parents=True, exist_ok=True)
        self.run_dir = run_dir
        self.children = [service.child(run_dir, log_dir) for service in services]
        self.reaper: subprocess.Popen[bytes] | None = None

    def start(self, announce: Callable[[str], None] = logger.info) -> None:
        """Start everything in order, each healthy before the next; stops what it started when one fails."""
        for child in self.children:
            child.clear_leftover()
            check_port(child.service)
        self._start_reaper()
        try:
            for child in self.children:
                self._start_one(child, announce)
        except BaseException:
            self.stop()
            raise

    def _start_one(self, child: Child, announce: Callable[[str], None]) -> None:
        began = time.monotonic()
        try:
            if not child.start():
                return
            child.wait_healthy()
        except UserError as error:
            if child.service.required:
                raise
            announce(f"{error} The rest starts without it.")
        else:
            announce(f"{child.service.name} is up ({time.monotonic() - began:.1f} s)")

    def watch(self, stopping: Callable[[], bool], interval: float = 0.5) -> None:
        """Restart what crashes or has to change, until `stopping()` is true."""
        while not stopping():
            for child in self.children:
                child.tend()
            time.sleep(interval)

    def stop(self) -> None:
        """Stop all children in reverse order and wait for them."""
        for child in reversed(self.children):
            child.stop()
        if self.reaper is not None:
            assert self.reaper.stdin is not None
            self.reaper.stdin.close()
            self.reaper.wait()
            self.reaper = None

    def _start_reaper(self) -> None:
        """A tiny process that outlives us only to end our children when we are killed without a chance to."""
        self.reaper = subprocess.Popen(
            [sys.executable, "-m", "web4site.services.reaper", str(self.run_dir), str(os.getpid())],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent.parent,
        )


def stop_group(pid: int, seconds: float) -> None:
    """SIGTERM to the process group and all descendants, SIGKILL after `seconds`; returns when it is gone.

    Descendants count because an RQ worker puts the process that does the job into a session of its own: a training
    saves its checkpoint on SIGTERM.
    """
    descendants = _descendants(pid)
    _signal_group(pid, signal.SIGTERM)
    for process in descendants:
        _quietly(process.terminate)
    deadline = time.monotonic() + seconds
    while _group_alive(pid):
        if time.monotonic() > deadline:
            _signal_group(pid, signal.SIGKILL)
        time.sleep(0.05)
    for process in descendants:
        _quietly(process.kill)


def _quietly(end: Callable[[], None]) -> None:
    try:
        end()
    except psutil.NoSuchProcess:
        pass


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _group_alive(pid: int) -> bool:
    try:
        os.waitpid(pid, os.WNOHANG)  # a child of ours stays a zombie, and its group alive, until it is collected
    except ChildProcessError:
        pass
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def check_port(service: Service) -> None:
    """Raise UserError when somebody else listens on the service's port."""
    if service.port is None:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", service.port))
        except OSError:
            raise UserError(
                f"Port {service.port} ({service.name}) is in use by another program: "
                f"stop that program, or choose another port with {service.port_setting}=<port>."
            ) from None


def tail(path: Path, lines: int = 3) -> str:
    """The last lines of a log on one line."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4000))
            text = file.read().decode(errors="replace")
    except OSError:
        return "(no log)"
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip()) or "(empty log)"

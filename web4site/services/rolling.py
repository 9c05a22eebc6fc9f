"""A service whose replacement starts beside it and takes over once it is healthy; nobody who asks is turned away.

What readers see is one file, `<name>.pid`: the process that serves, its address and what it serves. It is replaced by
one rename, which is the switch. The process before it finishes what it took and ends; until then it has a pid file of
its own, `<name>.<port>.pid`, and so has the one in preparation, `<name>.next.pid`: whoever cleans up after a killed
supervisor finds them all.
"""

import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from web4site.services.supervisor import (
    BACKOFF_FIRST,
    BACKOFF_MOST,
    STEADY_AFTER,
    Child,
    PidFile,
    Service,
    clear_leftover,
    identity,
    stop_group,
)

logger = logging.getLogger(__name__)
# How often the serving process is asked whether it lives, and how long it may be silent: a busy one answers late.
LOOK_SECONDS = 5.0
HANG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be served: `version` names it, `command` starts it on a port, `room` is the memory it takes in bytes.

    `request` sets one wish for the same version apart from the next: a preparation that failed is tried once only.
    """

    version: str
    command: Callable[[int], Sequence[str]]
    room: int = 0
    request: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RollingService(Service):
    """`wanted` is what should serve, `prepared` what should stand ready beside it, for a test before the switch."""

    wanted: Callable[[], Load | None] = lambda: None
    prepared: Callable[[], Load | None] = lambda: None
    healthy_at: Callable[[int], bool] = lambda port: True
    drain_seconds: float = 900.0

    def child(self, run_dir: Path, log_dir: Path) -> "RollingChild":
        return RollingChild(self, run_dir, log_dir)


class Instance:
    """One process of a rolling service."""

    def __init__(self, load: Load, port: int, popen: subprocess.Popen[bytes]) -> None:
        self.load = load
        self.port = port
        self.popen = popen
        self.process = psutil.Process(popen.pid)
        self.since = time.monotonic()
        self.looked_at = self.answered_at = self.since
        self.ready = False

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def facts(self) -> dict[str, Any]:
        """What the pid file tells of it; `keeper` is who would start it again."""
        return {
            **self.load.facts,
            "version": self.load.version,
            "request": self.load.request,
            "port": self.port,
            "ready": self.ready,
            "keeper": identity(psutil.Process()),
        }


class RollingChild(Child):
    """At most one instance serves and one is being prepared; those that served before end in their own time."""

    service: RollingService

    def __init__(self, service: RollingService, run_dir: Path, log_dir: Path) -> None:
        super().__init__(service, run_dir, log_dir)
        self.run_dir = run_dir
        self.next_file = PidFile(run_dir, f"{service.name}.next")
        self.current: Instance | None = None
        self.next: Instance | None = None
        self.retired: list[Instance] = []
        self.given_up = ""

    @property
    def alive(self) -> bool:
        return self.current is not None and self.current.alive

    def start(self) -> bool:
        wanted = self.service.wanted()
        if wanted is None:
            return False
        self._launch(wanted)
        return True

    def wait_healthy(self) -> None:
        assert self.next is not None
        instance = self.next
        while instance.alive and time.monotonic() - instance.since < self.service.start_seconds:
            if self._look_at_next(instance):
                self._promote(instance)
                return
            time.sleep(0.1)
        why = "did not answer in time" if instance.alive else "stopped right after its start"
        self._give_up(instance)
        raise self.no_start(why)

    def tend(self) -> None:
        self._collect_retired()
        if self.current is not None and (not self.current.alive or self._hangs(self.current)):
            self.note_crash(self.current.popen)
            self.current = None
        wanted, prepared = self.service.wanted(), self.service.prepared()
        if wanted is not None and (self.current is None or self.current.load.version != wanted.version):
            self._bring(wanted, serve=True)
        elif prepared is not None and (self.current is None or self.current.load.version != prepared.version):
            self._bring(prepared, serve=False)
        elif self.next is not None:
            self._discard_next()
        if self.current is not None and time.monotonic() - self.current.since > STEADY_AFTER:
            self.backoff = BACKOFF_FIRST

    def stop(self) -> None:
        self._discard_next()
        for instance in [self.current, *self.retired]:
            if instance is not None:
                stop_group(instance.popen.pid, self.service.stop_seconds)
                self._own_file(instance).clear()
        self.current, self.retired = None, []
        self.pid_file.clear()

    def clear_leftover(self) -> None:
        name = self.service.name
        for path in (self.pid_file.path, *self.run_dir.glob(f"{name}.*.pid")):
            clear_leftover(PidFile(self.run_dir, path.stem), self.service.stop_seconds)

    def _bring(self, load: Load, *, serve: bool) -> None:
        """One step towards an instance of `load`, and towards its serving; never blocks for long."""
        if self.next is not None and not self._is_for(self.next.load, load, serve):
            self._discard_next()
        if self.next is None:
            self._try_launch(load, serve)
        elif not self.next.alive or (
            not self.next.ready and time.monotonic() - self.next.since > self.service.start_seconds
        ):
            self._give_up(self.next)
        elif self._look_at_next(self.next) and serve:
            self._promote(self.next)

    @staticmethod
    def _is_for(load: Load, wanted: Load, serve: bool) -> bool:
        """What serves may have been prepared by anybody; who wants to test it has to find the name of his own wish."""
        return load.version == wanted.version and (serve or load.request == wanted.request)

    def _hangs(self, instance: Instance) -> bool:
        """Whether its process lives and has not answered for long: then nobody but us can end it."""
        now = time.monotonic()
        if now - instance.looked_at < LOOK_SECONDS:
            return False
        instance.looked_at = now
        if self.service.healthy_at(instance.port):
            instance.answered_at = now
        silent = now - instance.answered_at
        if silent > HANG_SECONDS:
            logger.warning("%s has not answered for %.0f s", self.service.name, silent)
        return silent > HANG_SECONDS

    def _try_launch(self, load: Load, serve: bool) -> None:
        tag = f"{load.version} {load.request}"
        if tag == self.given_up and (not serve or time.monotonic() < self.retry_at):
            return
        if serve and self.current is None and time.monotonic() < self.retry_at:
            return
        if self.current is not None and (short := _shortage(load)):
            if not serve:
                self.given_up = tag
                refused = {"version": load.version, "request": load.request, "error": short}
                self.next_file.write(psutil.Process(), **refused, pid=0)
                return
            logger.warning("%s: %s; it stops before its successor starts", self.service.name, short)
            self._record_beside(self.current)
            self._retire(self.current)
            self.current = None
        if self.current is None and self.retired and _shortage(load):
            return  # its memory comes back when the last answer is given
        self._launch(load)

    def _launch(self, load: Load) -> None:
        port = self._free_port()
        self.next = Instance(load, port, self.spawn(load.command(port)))
        self.next_file.write(self.next.process, **self.next.facts())

    def _look_at_next(self, instance: Instance) -> bool:
        if not instance.ready and self.service.healthy_at(instance.port):
            instance.ready = True
            self.next_file.write(instance.process, **instance.facts())
        return instance.ready

    def _promote(self, instance: Instance) -> None:
        """The switch."""
        before = self.current
        if before is not None:
            self._record_beside(before)
        self.pid_file.write(instance.process, **instance.facts())
        self.next_file.clear()
        self.current, self.next = instance, None
        self.started = instance.looked_at = instance.answered_at = time.monotonic()
        if before is not None:
            logger.info("%s serves %s in place of %s", self.service.name, instance.load.version, before.load.version)
            self._retire(before)

    def _record_beside(self, instance: Instance) -> None:
        self._own_file(instance).write(instance.process, **instance.facts())

    def _retire(self, instance: Instance) -> None:
        """Let it finish what it took."""
        instance.since = time.monotonic()
        try:
            os.kill(instance.popen.pid, signal.SIGUSR1)
        except ProcessLookupError:
            pass
        self.retired.append(instance)

    def _collect_retired(self) -> None:
        for instance in list(self.retired):
            overdue = time.monotonic() - instance.since > self.service.drain_seconds
            if instance.alive and not overdue:
                continue
            if overdue:
                logger.warning("%s %s did not end by itself", self.service.name, instance.load.version)
            stop_group(instance.popen.pid, self.service.stop_seconds)
            self._own_file(instance).clear()
            self.retired.remove(instance)

    def _give_up(self, instance: Instance) -> None:
        """It did not become healthy: the pid file of a dead process tells those who wait for it."""
        why = "did not answer in time" if instance.alive else f"ended with code {instance.popen.returncode}"
        logger.warning("%s %s %s", self.service.name, instance.load.version, why)
        stop_group(instance.popen.pid, 2)
        self.next_file.write(psutil.Process(), **instance.facts() | {"error": why, "pid": 0})
        self.given_up = f"{instance.load.version} {instance.load.request}"
        self.retry_at = time.monotonic() + self.backoff
        self.backoff = min(self.backoff * 2, BACKOFF_MOST)
        self.next = None

    def _discard_next(self) -> None:
        if self.next is not None:
            stop_group(self.next.popen.pid, self.service.stop_seconds)
            self.next = None
        self.next_file.clear()

    def _own_file(self, instance: Instance) -> PidFile:
        return PidFile(self.run_dir, f"{self.service.name}.{instance.port}")

    def _free_port(self) -> int:
        """The service's own port where nobody listens on it, else any other."""
        for port in (self.service.port or 0, 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise OSError("no free port on loopback")


def _shortage(load: Load) -> str:
    """What is missing for a second one beside the first; empty when there is room."""
    free = psutil.virtual_memory().available
    if free >= load.room:
        return ""
    return f"a second model needs {load.room / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free"

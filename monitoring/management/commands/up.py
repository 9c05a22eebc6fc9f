"""`manage.py up`: start all processes and watch them until Ctrl-C."""

import logging
import signal
import subprocess
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.conf import settings

from monitoring.services.platform import MANAGE, platform_prepare, platform_services
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError
from web4site.models import Run
from web4site.services.locks import ServiceLock
from web4site.services.supervisor import Supervisor

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    needs_database = False  # it migrates by itself
    help = "Start and watch all processes: services, web server, workers, clock, model. Ctrl-C stops them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cycle", action="store_true", help="go round the loop once, unless that was done before")

    def run(self, *, cycle: bool, **options: Any) -> dict[str, Any]:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        with ExitStack() as stack:
            password = platform_prepare()
            services = platform_services()
            for service in services:
                self._own(stack, service.name)
            supervisor = Supervisor(services, settings.RUN_DIR, settings.LOG_DIR)
            stack.callback(supervisor.stop)
            supervisor.start(lambda line: self.stderr.write(f"  {line}"))
            try:
                if cycle:
                    self._cycle(supervisor, stopping)
            finally:
                self._welcome(password)
            supervisor.watch(stopping.is_set)
            self.stderr.write("Stopping ...")
        return {"stopped": [service.name for service in services]}

    def render(self, result: dict[str, Any]) -> None:
        self.stderr.write("Stopped.")

    def _own(self, stack: ExitStack, name: str) -> None:
        """Hold the service's lock: commands that borrow it will not switch it off, and nobody starts a second one."""
        lock = ServiceLock(settings.RUN_DIR, name)
        with lock.exclusive_or_none() as free:
            if not free:
                raise UserError(
                    f"'{name}' is already in use by a running `manage.py up` or another command: "
                    "wait for it to end, or stop it first."
                )
        lock.share()
        stack.callback(lock.release)

    def _cycle(self, supervisor: Supervisor, stopping: threading.Event) -> None:
        """One cycle in a process of its own, so that torch stays out of this one, which lives for days."""
        if Run.objects.filter(kind=Run.Kind.CYCLE, status=Run.Status.SUCCEEDED).exists():
            self.stderr.write("The loop has been round before; `make cycle` runs another one.")
            return
        self.stderr.write("Going round the loop once (about ten minutes on two cores) ...")
        process = subprocess.Popen([*MANAGE, "cycle"])
        supervisor.watch(lambda: stopping.is_set() or process.poll() is not None)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()

    def _welcome(self, password: str | None) -> None:
        self.stderr.write(f"\nWeb4 Agent is up: http://{settings.WEB_HOST}:{settings.WEB_PORT}   (Ctrl-C stops it)")
        if password:
            self.stderr.write(f"Sign in as 'admin' with the password '{password}'. It is shown this once.")

"""`manage.py up`: start all processes and watch them until Ctrl-C."""

import logging
import signal
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.conf import settings

from monitoring.services.platform import platform_prepare, platform_services
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError
from web4site.services.locks import ServiceLock
from web4site.services.supervisor import Supervisor

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Start and watch all processes: services, web server, workers, clock, model. Ctrl-C stops them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="only say the address")

    def run(self, *, quiet: bool, **options: Any) -> dict[str, Any]:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        say = logger.debug if quiet else self.stderr.write
        with ExitStack() as stack:
            platform_prepare(self.stderr.write)
            services = platform_services()
            for service in services:
                self._own(stack, service.name)
            supervisor = Supervisor(services, settings.RUN_DIR, settings.LOG_DIR)
            stack.callback(supervisor.stop)
            supervisor.start(lambda line: say(f"  {line}"))
            self.stderr.write(f"Web4 Agent is up: http://{settings.WEB_HOST}:{settings.WEB_PORT}  (Ctrl-C stops it)")
            supervisor.watch(stopping.is_set)
            self.stderr.write("Stopping ...")
        return {"stopped": [service.name for service in services]}

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

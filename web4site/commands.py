"""Base class of every command: `--json`, progress on stderr, plain errors, exit codes 0 / 1 / 2."""

import json
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError

from web4site.errors import UserError
from web4site.machine import describe_machine_error
from web4site.progress import Progress, Report

if TYPE_CHECKING:
    from tqdm import tqdm


class Command(BaseCommand):
    """Implement `run(**options) -> dict`, and `render(result)` for people.

    With `--json` the dict is printed as one object, last on stdout, and wrong arguments are one with `error`. A command
    that answers line by line prints its lines itself and returns None. A `UserError` becomes one line on stderr.
    `failed(result)` decides between exit code 0 and 1. `services` names the embedded services the command needs:
    they are started for its duration unless they are already running. SIGTERM ends a command as Ctrl-C does.
    """

    services: tuple[str, ...] = ()
    needs_database = True
    as_json = False
    requires_system_checks: Any = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser: Any = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="print one JSON object, last on stdout")
        explain = parser.error

        def error(message: str) -> None:
            if self.as_json:
                _print_error(message)
            explain(message)

        parser.error = error
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        # Known before the arguments are: whoever reads JSON must get some for wrong arguments, too.
        self.as_json = "--json" in argv[2:]
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Subclasses add theirs."""

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = as_json = options.pop("json")
        for name in ("settings", "verbosity", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"):
            options.pop(name, None)
        try:
            result = self._run_with_services(**options)
        except UserError as error:
            self._refuse(str(error), as_json)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            self._refuse("Interrupted.", as_json)
            sys.exit(1)
        except (OSError, OperationalError) as error:
            self._refuse(describe_machine_error(error), as_json)
            sys.exit(1)
        if result is None:
            return
        if as_json:
            print(json.dumps(result, default=str), flush=True)
        else:
            self.render(result)
        if self.failed(result):
            sys.exit(1)

    def run(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        raise NotImplementedError

    def render(self, result: dict[str, Any]) -> None:
        """Show the result to a person; a two-column table unless a command knows better."""
        from rich.console import Console
        from rich.table import Table

        table = Table(show_header=False, box=None)
        for key, value in result.items():
            if not isinstance(value, list):
                table.add_row(f"[bold]{key}", str(value))
        Console().print(table)

    def failed(self, result: dict[str, Any]) -> bool:
        return False

    def _run_with_services(self, **options: Any) -> dict[str, Any] | None:
        from web4site.services.embedded import services_running

        if self.needs_database:
            database_check()
        with terminable(), services_running(*self.services):
            return self.run(**options)

    def _refuse(self, message: str, as_json: bool) -> None:
        if as_json:
            _print_error(message)
        self.stderr.write(f"Error: {message}")


def _print_error(message: str) -> None:
    print(json.dumps({"error": message}), flush=True)


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt inside, so that a command takes back what it started; only the first one does.

    Outside the main thread signals cannot be caught, and nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        # `timeout` sends it twice; the second one must not keep the services from being stopped,
        if not asked:
            asked = True
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        # nor change the exit code while the interpreter ends.
        signal.signal(signal.SIGTERM, signal.SIG_IGN if asked else before)


def database_check() -> None:
    """Make the tables of a brand-new database; refuse an outdated one with what to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    settings.WEB4_HOME.mkdir(parents=True, exist_ok=True)
    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        call_command("migrate", interactive=False, verbosity=0)
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise UserError("The database is older than the program: run `manage.py migrate` (`make up` does it as well).")


class ProgressBar:
    """A tqdm bar on stderr that is a `Report`; use as a context manager. Shows nothing until the first report."""

    def __init__(self, description: str) -> None:
        self.description = description
        self.bar: tqdm[Any] | None = None

    def __call__(self, progress: Progress) -> None:
        if self.bar is None:
            self.bar = _bar(self.description)
        self.bar.total = progress.total or None
        self.bar.n = progress.done
        if progress.message:
            self.bar.set_postfix_str(progress.message[-60:], refresh=False)
        self.bar.refresh()

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.bar is not None:
            self.bar.close()


def _bar(description: str) -> "tqdm[Any]":
    from tqdm import tqdm

    return tqdm(desc=description, file=sys.stderr, dynamic_ncols=True, leave=True, mininterval=0.3)

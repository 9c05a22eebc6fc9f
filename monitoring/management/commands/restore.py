"""`manage.py restore DIR`: bring a backup back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from monitoring.services.backup import backup_restore
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Bring a backup back into WEB4_HOME, after checking every file of it; the platform must be stopped."
    needs_database = False  # what is restored brings its own

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--force", action="store_true", help="set aside what is in WEB4_HOME now")

    def run(self, *, directory: Path, force: bool, **options: Any) -> dict[str, Any]:
        with ProgressBar("Restoring") as report:
            return backup_restore(directory=directory, force=force, report=report)

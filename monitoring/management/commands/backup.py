"""`manage.py backup DIR`: everything, consistent, into one folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from monitoring.services.backup import backup_write
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Copy database, stores, models, datasets and artifacts into a new folder; the platform must be stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)

    def run(self, *, directory: Path, **options: Any) -> dict[str, Any]:
        with ProgressBar("Backing up") as report:
            return backup_write(directory=directory, report=report)

"""`manage.py index_daily`: index the day's work into the daily buffer."""

from argparse import ArgumentParser
from typing import Any

from monitoring.evening.command import EveningCommand, day_argument


class Command(EveningCommand):
    help = "Index all known corpora; untrained documents of the day go to the daily buffer."
    step = "index_daily"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", help="the day, YYYY-MM-DD (default: today)")

    def run(self, *, date: str | None, **options: Any) -> dict[str, Any]:
        return self.execute_step(date=day_argument(date) if date else None)

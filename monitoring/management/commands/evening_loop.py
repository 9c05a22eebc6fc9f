"""`manage.py evening_loop`: train on the day, prove it, deploy it or roll back."""

from argparse import ArgumentParser
from typing import Any

from monitoring.evening.command import EveningCommand, day_argument


class Command(EveningCommand):
    help = (
        "Learn from the daily buffer. Outcome: deployed, rolled_back, candidate (waits for an approver), no_data; "
        "these exit with 0. A loop that could not be carried out is failed and exits with 1."
    )
    step = "evening_loop"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", help="take documents up to this day, YYYY-MM-DD (default: today)")

    def run(self, *, date: str | None, **options: Any) -> dict[str, Any]:
        return self.execute_step(date=day_argument(date) if date else None)

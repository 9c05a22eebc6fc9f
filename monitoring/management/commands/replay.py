"""`manage.py replay --from DAY --to DAY`: go through past days as their evenings would have."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from monitoring.evening.command import day_argument
from monitoring.evening.loop import FAILED, evening_execute
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = "Index and learn day by day over a span of past days; stops at the first evening that fails."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, help="last day, YYYY-MM-DD")

    def run(self, *, first: str, last: str, **options: Any) -> dict[str, Any]:
        days = _days(first, last)
        evenings: list[dict[str, Any]] = []
        for day in days:
            evenings.append({"date": day, **_evening(day)})
            self.stderr.write(f"{day}: {evenings[-1]['outcome']}")
            if evenings[-1]["outcome"] == FAILED:
                break
        steps = [
            {"name": evening["date"], "status": evening["outcome"], "seconds": evening["seconds"]}
            for evening in evenings
        ]
        return {"steps": steps, "outcome": evenings[-1]["outcome"], "evenings": evenings}

    def failed(self, result: dict[str, Any]) -> bool:
        return bool(result["outcome"] == FAILED)


def _days(first: str, last: str) -> list[str]:
    start, end = day_argument(first), day_argument(last)
    if end < start:
        raise UserError(f"--to {last} is before --from {first}: give the earlier day first.")
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def _evening(day: str) -> dict[str, Any]:
    indexed = evening_execute("index_daily", params={"date": day})
    done = indexed if indexed["outcome"] == FAILED else evening_execute("evening_loop", params={"date": day})
    seconds = sum(step["seconds"] or 0 for step in (*indexed["steps"], *done["steps"]))
    return {"outcome": done["outcome"], "seconds": round(seconds, 1), "error": done["error"]}

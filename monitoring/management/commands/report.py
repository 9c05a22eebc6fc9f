"""`manage.py report`: production against its targets."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from monitoring.selectors import Target, report
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = "What production did over the last days, against its targets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7)

    def run(self, *, days: int, **options: Any) -> dict[str, Any]:
        if not 1 <= days <= 3650:
            raise UserError("--days must lie between 1 and 3650.")
        found = report(days)
        return {**found, "targets": [{**asdict(target), "met": target.met} for target in found["targets"]]}

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False)
        table = Table("measure", "is", "should", "", box=None)
        for row in result["targets"]:
            target = Target(**{name: row[name] for name in ("name", "actual", "low", "high", "unit")})
            verdict = {None: "no data", True: "met", False: "missed"}[target.met]
            table.add_row(target.name, _shown(target.actual, target.unit), _wanted(target), verdict)
        console.print(f"{result['queries']} questions in {result['days']} days")
        console.print(table)


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f} ms" if unit == "ms" else f"{value:.1%}"


def _wanted(target: Target) -> str:
    high = _shown(target.high, target.unit)
    return f"{_shown(target.low, target.unit)} – {high}" if target.low else f"< {high}"

"""What the commands of the evening have in common."""

from datetime import date
from typing import Any

from monitoring.evening.loop import FAILED, evening_execute
from web4site.commands import Command, ProgressBar
from web4site.errors import UserError


class EveningCommand(Command):
    """A command that does one entry of the clock; exit code 1 when it failed."""

    step = ""
    failing: tuple[str, ...] = (FAILED,)
    services: tuple[str, ...] = ("redis", "chroma")

    def execute_step(self, **params: Any) -> dict[str, Any]:
        """Do the step with a progress bar; params that are None are left out."""
        with ProgressBar(self.step.replace("_", " ")) as report:
            given = {name: str(value) for name, value in params.items() if value is not None}
            return evening_execute(self.step, params=given, listener=report)

    def failed(self, result: dict[str, Any]) -> bool:
        return result["outcome"] in self.failing

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False)
        table = Table("step", "state", "seconds", "detail", box=None)
        for row in result["steps"]:
            seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
            table.add_row(row["name"], row["status"], seconds, row["detail"])
        if result["steps"]:
            console.print(table)
        console.print(f"{result['outcome']}. {result['error'] or result.get('why', '')}", markup=False)


def day_argument(text: str) -> date:
    """`--date` as a date; raises UserError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"'{text}' is no date: write it as YYYY-MM-DD.") from None

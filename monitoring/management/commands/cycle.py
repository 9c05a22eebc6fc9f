"""`manage.py cycle`: the main job, headless."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from monitoring.services.cycle import PROFILES, cycle_create, cycle_run
from monitoring.services.platform import platform_prepare
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar
from web4site.models import Run


class Command(BaseCommand):
    help = "Go round the loop once: index, samples, train, build, evaluate, propose."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, default=settings.CORPUS_DIR, help="folder of documents to index")
        parser.add_argument("--profile", choices=sorted(PROFILES), default="demo", help="demo: minutes; full: hours")

    def run(self, *, corpus: Path, profile: str, **options: Any) -> dict[str, Any]:
        run = cycle_run(cycle_create(corpus=corpus, profile=profile), bars=ProgressBar)
        result = {"run": run.pk, "status": run.status, "steps": run.steps, **run.result}
        return {**result, "error": run.error} if run.error else result

    def _run_with_services(self, **options: Any) -> dict[str, Any] | None:
        if password := platform_prepare():
            self.stderr.write(f"The admin 'admin' was created with the password '{password}'. It is shown this once.")
        return super()._run_with_services(**options)

    def failed(self, result: dict[str, Any]) -> bool:
        return result["status"] != Run.Status.SUCCEEDED

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        console.print(_step_table(result["steps"]))
        if "evaluation" in result:
            console.print(_gate_table(result["evaluation"]))
        if "error" in result:
            console.print(f"[red]{result['error']}[/]")


def _step_table(steps: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(title="One round of the loop", title_justify="left")
    for column in ("Step", "State", "Result"):
        table.add_column(column)
    table.add_column("Seconds", justify="right")
    colours = {"succeeded": "green", "failed": "red"}
    for step in steps:
        colour = colours.get(step["status"], "default")
        seconds = "" if step["seconds"] is None else f"{step['seconds']:.1f}"
        table.add_row(step["name"], f"[{colour}]{step['status']}[/]", step["detail"], seconds)
    table.add_section()
    table.add_row("Total", "", "", f"{sum(step['seconds'] or 0 for step in steps):.1f}")
    return table


def _gate_table(evaluation: dict[str, Any]) -> Any:
    from rich.table import Table

    verdict = "[green]cleared[/]" if evaluation["cleared"] else "[yellow]not cleared[/]"
    table = Table(title=f"Gates of the candidate: {verdict}", title_justify="left")
    for column in ("Gate", "Kind", "Rate", "Needs", ""):
        table.add_column(column)
    for gate in evaluation["gates"]:
        mark = "[green]✓[/]" if gate["passed"] else "[red]✗[/]"
        table.add_row(gate["name"], gate["kind"], f"{gate['rate']:.0%}", f"{gate['threshold']:.0%}", mark)
    return table

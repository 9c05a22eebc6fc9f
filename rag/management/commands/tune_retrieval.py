"""`manage.py tune_retrieval`: better parameters of retrieval, found on half of the labelled questions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from rag.services.tuning import TRIALS, retrieval_tune
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar

MEASURES = ("hit@1", "hit@5", "ndcg@10", "mrr", "silent")


class Command(BaseCommand):
    help = "Search weights, depths and thresholds on half of the labelled questions; report on the other half."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", nargs="+", metavar="FILE", help="JSON lines (default: rag/questions)")
        parser.add_argument("--trials", type=int, default=TRIALS, help=f"parameters to try (default {TRIALS})")
        parser.add_argument("--apply", action="store_true", help="use the parameters found from now on")

    def run(
        self, *, questions: list[str] | None = None, trials: int = TRIALS, apply: bool = False, **options: Any
    ) -> dict[str, Any]:
        with ProgressBar("tune") as report:
            return retrieval_tune(
                files=[Path(file) for file in questions or ()], trials=trials, apply=apply, listener=report
            )

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console()
        asked = result["questions"]
        console.print(
            f"{asked['tune']} questions to tune on, {asked['report']} to report on, {asked['skipped']} skipped"
        )
        report = result["report"]
        table = Table("kind", "questions", *MEASURES, title="the reporting half, before and after", box=None)
        for kind, after in report["after"].items():
            before = report["before"][kind]
            cells = (f"{before[name]:.2f} {after[name]:.2f}" if name in after else "" for name in MEASURES)
            table.add_row(kind, str(after["questions"]), *cells)
        console.print(table)
        changes = result["parameters"]
        for name, value in changes["after"].items():
            if value != changes["before"][name]:
                console.print(f"{name}: {changes['before'][name]} → {value}")
        where = result["applied"]
        console.print(f"Applied: {where}" if where else "Not applied: --apply makes them this installation's own.")

"""Compare two datasets."""

from argparse import ArgumentParser
from typing import Any

from samples.services.comparison import dataset_compare
from samples.services.datasets import dataset_find
from web4site.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Compare two datasets: samples added, removed and changed, and the mix of both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("before", help="number or name")
        parser.add_argument("after", help="number or name")

    def run(self, **options: Any) -> dict[str, Any]:
        before, after = (dataset_find(key=options[name]) for name in ("before", "after"))
        return dataset_compare(before=before, after=after).as_dict()

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console()
        counts = ", ".join(f"{result[name]:,} {name}" for name in ("same", "added", "removed", "changed"))
        console.print(f"{counts}; documents: {result['documents_added']} added, {result['documents_removed']} removed")
        names = ("name", "before", "after", "mean_before", "mean_after")
        table = Table(*(name.replace("_", " ") for name in names))
        for side in result["categories"]:
            table.add_row(*(str(side[name]) for name in names))
        console.print(table)

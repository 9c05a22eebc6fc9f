"""Run all checks on a dataset."""

from argparse import ArgumentParser
from typing import Any

from samples.services.datasets import dataset_find
from samples.services.validation import dataset_validate
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Check a dataset: schema, grounding, duplicates, contamination, secrets, tokens, provenance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", nargs="?", help="number or name; the newest when left out")
        parser.add_argument(
            "--similarity", action="store_true", help="compare instructions by embedding as well (slow)"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        found = dataset_find(key=options["dataset"])
        with ProgressBar("Checks") as bar:
            return dataset_validate(dataset=found, similarity=options["similarity"], report=bar)

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table(title=result["name"])
        for name in ("check", "result", "value", "wanted", "behind it"):
            table.add_column(name)
        for check in result["checks"]:
            word = "passed" if check["passed"] else "failed" if check["required"] else "missed"
            table.add_row(check["name"], word, str(check["value"]), check["wanted"], str(check["count"]))
        Console().print(table)

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["passed"]

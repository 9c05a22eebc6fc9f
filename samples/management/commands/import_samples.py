"""Bring samples in from exported files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from samples.services.imports import NothingImported, dataset_import
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Import an exported file or folder, in any format, into a new draft; bad lines are refused by number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="a file of an export, or its folder")
        parser.add_argument("--name", help="name of the new dataset; the file's name when left out")

    def run(self, **options: Any) -> dict[str, Any]:
        source = Path(options["path"])
        try:
            with ProgressBar("Import") as bar:
                result = dataset_import(path=source, name=options["name"] or f"import {source.stem}", report=bar)
        except NothingImported as nothing:
            refused = nothing.result
            return {"error": str(nothing), "imported": 0, "refused": refused.refused, "refusals": refused.refusals}
        return {
            "dataset": result.dataset.pk,
            "name": result.dataset.name,
            "imported": result.imported,
            "refused": result.refused,
            "refusals": result.refusals,
            "counts": result.dataset.counts,
        }

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console

        console = Console()
        if "error" in result:
            self.stderr.write(f"Error: {result['error']}")
        else:
            counts = f"{result['imported']:,} samples imported, {result['refused']:,} lines refused"
            console.print(f"{result['name']}: {counts}")
        for row in result["refusals"]:
            console.print(f"{row['file']} line {row['line']}: {row['reason']}")

    def failed(self, result: dict[str, Any]) -> bool:
        return "error" in result

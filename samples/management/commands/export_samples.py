"""Write a dataset's samples to files other tools read."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from samples.huggingface import HUGGINGFACE
from samples.records import FORMATS
from samples.services.datasets import content_hash, dataset_export, dataset_find
from web4site.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Export a dataset: one file per category and one for the hold-out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", help="folder to write to")
        parser.add_argument("--format", choices=[*FORMATS, HUGGINGFACE], default="jsonl")
        parser.add_argument("--dataset", help="number or name; the newest when left out")

    def run(self, **options: Any) -> dict[str, Any]:
        found = dataset_find(key=options["dataset"])
        files = dataset_export(dataset=found, directory=Path(options["directory"]), file_format=options["format"])
        return {
            "dataset": found.pk,
            "sha256": content_hash(files),
            "counts": {file["category"]: file["samples"] for file in files if file["category"]},
            "files": files,
        }

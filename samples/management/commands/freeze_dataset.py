"""Freeze a dataset draft for training."""

from argparse import ArgumentParser
from typing import Any

from samples.models import Dataset
from samples.services.datasets import dataset_find, dataset_freeze
from web4site.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Freeze a dataset draft: write its files under their hash and close it for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", nargs="?", help="number or name; the newest draft when left out")

    def run(self, **options: Any) -> dict[str, Any]:
        found = dataset_freeze(dataset=dataset_find(key=options["dataset"], status=Dataset.Status.DRAFT))
        return {
            "dataset": found.pk,
            "name": found.name,
            "sha256": found.sha256,
            "counts": found.counts,
            "folder": found.folder,
        }

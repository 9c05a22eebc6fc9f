"""`manage.py check_prompts [DATASET]`: no prompt and no canary stands in the training samples."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base


class Command(Base):
    help = "Compare all prompts and canaries with the samples of a dataset (number or name; the newest when left out)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", nargs="?", help="number or name of a dataset")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.decontamination import check_dataset
        from evaluation.services.canaries import canaries_of, canary_set_current
        from samples.models import Sample
        from samples.services.datasets import dataset_find

        dataset = dataset_find(key=options["dataset"])
        rows = Sample.objects.filter(dataset=dataset, split=Sample.Split.TRAIN).values_list(
            "instruction", "input", "output"
        )
        pairs = ((f"{asked}\n\n{given}".strip(), answer) for asked, given, answer in rows.iterator())
        return {"dataset": dataset.name, **check_dataset(pairs, canaries_of(canary_set_current()))}

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console

        console = Console()
        for overlap in result["overlaps"]:
            console.print(
                f"[red]{overlap['prompt']}[/]: {overlap['how']} ({overlap['likeness']}): {overlap['question']}"
            )
        found = len(result["overlaps"])
        console.print(f"{result['prompts']} prompts and canaries, {result['samples']} samples: {found} overlaps")

    def failed(self, result: dict[str, Any]) -> bool:
        return bool(result["overlaps"])

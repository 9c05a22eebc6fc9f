"""`manage.py train_lora`: train a LoRA adapter on a frozen dataset."""

import sys
from argparse import ArgumentParser
from typing import Any

from training.ml.config import preset_names
from training.selectors import adapter_get, dataset_get
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar
from web4site.errors import UserError
from web4site.models import Run
from web4site.runs import run_result


class Command(BaseCommand):
    help = "Train a LoRA adapter on a frozen dataset (the newest, unless one is named)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", metavar="ID", help="number or name of a frozen dataset")
        parser.add_argument("--preset", help=f"{', '.join(preset_names())}; demo unless one is named")
        parser.add_argument("--parent", metavar="ADAPTER", help="adapter to continue from")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="override one setting")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on from the last checkpoint of that run")
        parser.add_argument("--processes", type=int, default=1, metavar="N", help="train in N processes, one per GPU")

    def run(self, **options: Any) -> dict[str, Any] | None:
        from training.ml.ranks import follows, launch, launched

        if options["processes"] < 1:
            raise UserError(f"--processes {options['processes']}: it must be at least 1.")
        if options["processes"] > 1 and not launched():
            launch(options["processes"], sys.argv)
            return None
        if follows():
            _follow()
            return None
        return self.train(**options)

    def train(self, **options: Any) -> dict[str, Any]:
        """Train in this process, which leads if there are others."""
        from training.services.trainings import training_create, training_resume, training_run

        if options["resume"] is not None:
            if given := [name for name in ("dataset", "preset", "parent") if options[name]]:
                raise UserError(f"--resume goes on with what the run began with: leave out --{given[0]}.")
            run = training_resume(run=_run_get(options["resume"]), overrides=_overrides(options["set"]))
        else:
            run = training_create(
                dataset=dataset_get(options["dataset"]),
                preset=options["preset"] or "demo",
                overrides=_overrides(options["set"]),
                parent=adapter_get(options["parent"]) if options["parent"] else None,
            )
        with ProgressBar("training") as bar:
            return run_result(training_run(run=run, listener=bar))


def _follow() -> None:
    """Train along; what goes wrong is said by the process that leads."""
    from training.ml.lora import follow

    try:
        follow()
    except UserError as error:
        sys.exit(error.exit_code)


def _overrides(pairs: list[str]) -> dict[str, str]:
    broken = next((pair for pair in pairs if "=" not in pair), None)
    if broken is not None:
        raise UserError(f"--set {broken}: write it as NAME=VALUE, for example --set max_steps=20.")
    return {name.strip(): value.strip() for name, _, value in (pair.partition("=") for pair in pairs)}


def _run_get(pk: int) -> Run:
    try:
        return Run.objects.get(pk=pk)
    except Run.DoesNotExist:
        raise UserError(f"There is no run {pk}: see the Training page for the runs there are.") from None

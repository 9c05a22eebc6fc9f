"""Generate samples into a new dataset draft."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from samples.plan import MAX_SEED, load_plan
from samples.services.generation import dataset_of_run, generation_resume, generation_run, plan_estimate
from samples.tokens import TokenCounter
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar
from web4site.errors import UserError
from web4site.models import Run
from web4site.runs import run_create, run_result


class Command(BaseCommand):
    help = "Generate samples from the indexed documents into a new dataset draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", help="TOML file; the plan of the project when left out")
        parser.add_argument("--scale", type=float, default=1.0, help="share of the plan, 1.0 is all of it")
        parser.add_argument("--seed", type=int, default=0, help="same seed and corpus, same samples")
        parser.add_argument("--estimate", action="store_true", help="only say what the corpus can yield")
        parser.add_argument("--workers", type=int, help="processes that make samples; one a core when left out")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on where an interrupted run stopped")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["workers"] is not None and not 1 <= options["workers"] <= 64:
            raise UserError("--workers must lie between 1 and 64.")
        if not 0 <= options["seed"] <= MAX_SEED:
            raise UserError(f"--seed must lie between 0 and {MAX_SEED}.")
        if options["resume"] is not None:
            self._prepare()
            return self._execute(generation_resume(dataset=dataset_of_run(run_pk=options["resume"])))
        plan = Path(options["plan"]).resolve() if options["plan"] else None
        scale, seed = options["scale"], options["seed"]
        wanted = load_plan(plan)
        wanted.scaled(scale)
        self._prepare()
        if options["estimate"]:
            return {"estimate": plan_estimate(plan=wanted, scale=scale, seed=seed, workers=options["workers"])}
        params = {"plan": str(plan or ""), "scale": scale, "seed": seed, "workers": options["workers"]}
        return self._execute(
            run_create(kind=Run.Kind.GENERATE, title=f"Generate samples, scale {scale:g}", params=params)
        )

    def _prepare(self) -> None:
        """Tokens are counted by the base model's tokenizer: a fresh home gets the models first."""
        if not TokenCounter.is_ready(Path(settings.BASE_MODEL_DIR)):
            call_command("prepare_models", json=self.as_json)

    def _execute(self, run: Run) -> dict[str, Any]:
        with ProgressBar("Samples") as bar:
            generation_run(run=run, listener=bar)
        return run_result(run)

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table()
        if "estimate" in result:
            names = ("category", "sub_category", "target", "possible", "mean_tokens", "reason")
            for name in names:
                table.add_column(name.replace("_", " "))
            for row in result["estimate"]:
                table.add_row(*(str(row[name]) for name in names))
            Console().print(table)
            return
        for name in ("category", "wanted", "made"):
            table.add_column(name, justify="left" if name == "category" else "right")
        for category, wanted in result["requested"].items():
            table.add_row(category, f"{wanted:,}", f"{result['counts'].get(category, 0):,}")
        console = Console()
        console.print(table)
        for row in result["shortfall"]:
            console.print(
                f"{row['category']}/{row['sub_category']}: {row['made']} of {row['requested']}: {row['reason']}"
            )
        tokens = result["tokens"]
        console.print(
            f"{result['name']} (dataset {result['dataset']}): {tokens['total']:,} tokens, {tokens['mean']} a sample; "
            f"{result['near_duplicates']} near-duplicates and {result['contaminated']} contaminated left out; "
            f"{result['seconds']} s"
        )

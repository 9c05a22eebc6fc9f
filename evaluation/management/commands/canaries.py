"""`manage.py canaries BUILD`: the twenty tasks that must not regress."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base
from web4site.commands import ProgressBar
from web4site.runs import run_result


class Command(Base):
    help = "Run the canaries on a build (number, name, or path of a .gguf file)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("build", help="number or name of a build, 'latest', or path of a .gguf file")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.models import Case
        from evaluation.services.builds import build_find
        from evaluation.services.evaluations import evaluation_create_run, evaluation_run

        run = evaluation_create_run(build=build_find(options["build"]), profile="canaries")
        with ProgressBar("canaries") as report:
            result = run_result(evaluation_run(run=run, listener=report))
        cases = Case.objects.filter(evaluation=result["evaluation"]).values("case_id", "outcome", "why", "seconds")
        return {
            "build": result["build"],
            **result["canaries"],
            "evaluation": result["evaluation"],
            "cases": list(cases),
        }

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table("canary", "", "why", title=f"{result['build']}: {result['passed']} of {result['total']}")
        for case in result["cases"]:
            mark = "[green]passed" if case["outcome"] == "passed" else f"[red]{case['outcome']}"
            table.add_row(case["case_id"], mark, case["why"])
        Console().print(table)
        for name in result["regressions"]:
            Console().print(f"[red]regression against the live model: {name}")

    def failed(self, result: dict[str, Any]) -> bool:
        return result["passed"] < result["total"]

"""`manage.py evaluate BUILD`: harnesses and canaries, with every gate."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base
from web4site.commands import ProgressBar
from web4site.runs import run_result


class Command(Base):
    help = "Run the harnesses and canaries on a build (number, name, or path of a .gguf file)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("build", help="number or name of a build, 'latest', or path of a .gguf file")
        parser.add_argument("--profile", choices=("demo", "quick", "full"), default="full")
        parser.add_argument("--propose", action="store_true", help="enter the build as a candidate for deployment")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.models import Evaluation
        from evaluation.services.builds import build_find
        from evaluation.services.deployments import deployment_create
        from evaluation.services.evaluations import evaluation_create_run, evaluation_run

        run = evaluation_create_run(build=build_find(options["build"]), profile=options["profile"])
        with ProgressBar("evaluate") as report:
            result = run_result(evaluation_run(run=run, listener=report))
        if options["propose"]:
            deployment = deployment_create(evaluation=Evaluation.objects.get(pk=result["evaluation"]))
            result |= {"deployment": deployment.pk, "status": deployment.status}
        return result

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table("gate", "kind", "rate", "95 % interval", "threshold", "cases", "", title=result["build"])
        for gate in result["gates"]:
            low, high = gate["interval"]
            mark = "[green]passed" if gate["passed"] else "[red]failed"
            rates = (f"{gate['rate']:.1%}", f"{low:.0%} to {high:.0%}", f"{gate['threshold']:.0%}")
            table.add_row(gate["title"], gate["kind"], *rates, f"{gate['correct']}/{gate['n']}", mark)
        console = Console()
        console.print(table)
        if note := result["counts"]["note"]:
            console.print(f"[yellow]{note}")
        console.print("[green]cleared" if result["cleared"] else "[red]not cleared")
        console.print(result["report"], soft_wrap=True)

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["cleared"]

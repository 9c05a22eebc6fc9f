"""`manage.py evaluate BUILD`: harnesses and canaries, with every gate."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base
from web4site.commands import ProgressBar
from web4site.errors import UserError
from web4site.runs import run_result


class Command(Base):
    help = "Run the harnesses and canaries on a build (number, name, or path of a .gguf file)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("build", nargs="?", help="number or name of a build, 'latest', or path of a .gguf file")
        parser.add_argument("--profile", choices=("demo", "quick", "full"), default="full")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with an interrupted evaluation run")
        parser.add_argument("--samples", type=int, default=1, metavar="N", help="ask each harness prompt N times")
        parser.add_argument("--temperature", type=float, help="0 (greedy) for one sample, else 0.7 unless given")
        parser.add_argument("--seed", type=int, default=0, help="seed of the first sample; the next ones follow")
        parser.add_argument(
            "--extra", metavar="NAME,...", help="extra quality gates: five_layer, cmm_level, history; '' for none"
        )
        parser.add_argument("--propose", action="store_true", help="enter the build as a candidate for deployment")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.models import Evaluation
        from evaluation.services.deployments import deployment_create
        from evaluation.services.evaluations import evaluation_run

        run = _run(options)
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
        for name, why in result["skipped"].items():
            console.print(f"[yellow]{name} was skipped: {why}")
        console.print("[green]cleared" if result["cleared"] else "[red]not cleared")
        console.print(result["report"], soft_wrap=True)

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["cleared"]


def _run(options: dict[str, Any]) -> Any:
    """The run that the options ask for: a new one, or the continuation of an interrupted one."""
    from evaluation.services.builds import build_find
    from evaluation.services.evaluations import evaluation_create_run, evaluation_resume
    from evaluation.services.plans import WARM, Sampling
    from web4site.models import Run

    if options["resume"]:
        run = Run.objects.filter(pk=options["resume"]).first()
        if run is None:
            raise UserError(f"There is no run {options['resume']}.")
        return evaluation_resume(run=run)
    if not options["build"]:
        raise UserError("Name a build, or an interrupted run with --resume RUN.")
    temperature = options["temperature"]
    if temperature is None:
        temperature = WARM if options["samples"] > 1 else 0.0
    sampling = Sampling(options["samples"], temperature, options["seed"])
    extra = None if options["extra"] is None else options["extra"].split(",")
    build = build_find(options["build"])
    return evaluation_create_run(build=build, profile=options["profile"], sampling=sampling, extra=extra)

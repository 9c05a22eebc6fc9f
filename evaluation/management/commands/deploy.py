"""`manage.py deploy [DEPLOYMENT]`: make an approved deployment live, or see to it that something is."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base
from web4site.commands import ProgressBar
from web4site.runs import run_result


class Command(Base):
    help = "Make an approved deployment live; without one, deploy the untrained baseline when nothing is live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deployment", type=int, nargs="?")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.selectors import deployment_get
        from evaluation.services.activation import deploy_create_run, deploy_run, deployment_json
        from evaluation.services.deployments import baseline_ensure

        if options["deployment"] is None:
            return deployment_json(baseline_ensure())
        run = deploy_create_run(deployment=deployment_get(options["deployment"]))
        with ProgressBar("deploy") as report:
            return run_result(deploy_run(run=run, listener=report))

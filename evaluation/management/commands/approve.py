"""`manage.py approve DEPLOYMENT --as USER --comment TEXT`: let a cleared deployment go live."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base


class Command(Base):
    help = "Approve a cleared deployment in the name of an approver."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deployment", type=int)
        parser.add_argument("--as", dest="actor", required=True, metavar="USER", help="who approves")
        parser.add_argument("--comment", required=True, help="what was looked at")
        parser.add_argument("--justification", default="", help="why a missed quality gate is acceptable")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.selectors import deployment_get, person_get
        from evaluation.services.activation import deployment_json
        from evaluation.services.deployments import deployment_approve

        deployment = deployment_approve(
            deployment=deployment_get(options["deployment"]),
            actor=person_get(options["actor"]),
            comment=options["comment"],
            justification=options["justification"],
        )
        return deployment_json(deployment)

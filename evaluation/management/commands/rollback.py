"""`manage.py rollback --as USER --reason TEXT`: back to the last good deployment."""

from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base


class Command(Base):
    help = "Take the live deployment back and make the last good one live again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="actor", required=True, metavar="USER", help="who rolls back")
        parser.add_argument("--reason", required=True)

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.selectors import person_get
        from evaluation.services.activation import deployment_json, deployment_rollback

        return deployment_json(deployment_rollback(actor=person_get(options["actor"]), reason=options["reason"]))

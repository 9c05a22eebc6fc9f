"""`manage.py smoke [DEPLOYMENT]`: the smoke tests, on the live server or on a server of their own."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from web4site.commands import Command as Base


class Command(Base):
    help = "Run the smoke tests on a deployment; without one, on the live deployment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("deployment", type=int, nargs="?")

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.runtimes import live_runtime
        from evaluation.selectors import deployment_get, live_deployment
        from evaluation.services.activation import deployment_json
        from evaluation.services.live_file import model_supervised
        from evaluation.services.smoke import smoke_test
        from web4site.errors import UserError

        if options["deployment"] is not None:
            chosen = deployment_get(options["deployment"])
            smoke_test(deployment=chosen)
            return deployment_json(chosen)
        live = live_deployment()
        if live is None:
            raise UserError("Nothing is live yet: run `manage.py deploy` first.")
        # Where somebody keeps a live server running, that one is tested, in whatever state it is.
        server = live_runtime()
        kept = settings.OLLAMA_HOST or model_supervised() or server.health()
        smoke_test(deployment=live, runtime=server if kept else None)
        return deployment_json(live)

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table("check", "", "required", "why", title=f"{result['build']} ({result['kind']})")
        for check in result["smoke"]["checks"]:
            mark = "[green]passed" if check["passed"] else "[red]failed"
            table.add_row(check["name"], mark, "yes" if check["required"] else "no", check["why"])
        Console().print(table)

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["smoke"]["passed"]

"""`manage.py doctor`: what is wrong, and what to do."""

from argparse import ArgumentParser
from typing import Any

from monitoring.services.doctor import examine
from web4site.commands import Command as BaseCommand
from web4site.services.embedded import services_running

MARKS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


class Command(BaseCommand):
    needs_database = False  # an outdated one is among the findings
    help = "Check the installation and say in plain words what is wrong and what to do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="rebuild vectors, words and graph from SQL where they differ"
        )

    def run(self, *, repair: bool, **options: Any) -> dict[str, Any]:
        repaired: dict[str, list[str]] = {}
        if repair:
            from rag.services.tiers import tiers_repair

            with services_running("redis", "chroma"):
                repaired = {"repaired": tiers_repair()}
        checks = examine()
        return {"healthy": not any(check["status"] == "fail" for check in checks), "checks": checks, **repaired}

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console

        console = Console(highlight=False)
        for difference in result.get("repaired", []):
            console.print(f"Repaired: {difference}")
        if result.get("repaired") == []:
            console.print("Nothing to repair: vectors, words and graph agree with SQL.")
        for check in result["checks"]:
            remedy = f"\n    [bold]{check['remedy']}[/]" if check["remedy"] else ""
            console.print(f"{MARKS[check['status']]} {check['name']}: {check['detail']}{remedy}")

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["healthy"]

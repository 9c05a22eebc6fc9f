"""`manage.py graph PATH`: the breadcrumbs around a document."""

from argparse import ArgumentParser
from typing import Any

from rag.selectors import breadcrumbs, document_by_path
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = "Show what precedes and follows a document, to a depth."
    services = ("redis",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="path relative to the corpus root, or a unique part of it")
        parser.add_argument("--depth", type=int, default=3, metavar="N")
        parser.add_argument("--direction", choices=("before", "after", "both"), default="both")

    def run(self, *, path: str = "", depth: int = 3, direction: Any = "both", **options: Any) -> dict[str, Any]:
        if depth < 1:
            raise UserError("--depth must be 1 or more.")
        return breadcrumbs(document_by_path(path), depth=depth, direction=direction).as_dict()

    def render(self, result: dict[str, Any]) -> None:
        for node in result["nodes"]:
            self.stdout.write(f"{node['depth']:>4}  {node['date'] or '–':<10}  {node['path']}")
        for edge in result["edges"]:
            self.stdout.write(f"{edge['source']} -{edge['relation']}-> {edge['target']} ({edge['how']})")

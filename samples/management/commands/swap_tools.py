"""`manage.py swap_tools FILE.jsonl --ecosystem NAME`: other tool examples, without retraining."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from rag.corpus.tools import ToolExample
from rag.services.tools import MAX_NAMED, NothingChanged, tools_swap
from samples.judges.catalogue import ecosystems
from samples.judges.tool_example import tool_example_fault
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar
from web4site.errors import UserError


class Command(BaseCommand):
    help = "Replace the tool examples that retrieval knows by those of an IDE ecosystem; nothing is retrained."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE.jsonl")
        parser.add_argument("--ecosystem", required=True, metavar="NAME", help=f"{', '.join(ecosystems())}")
        parser.add_argument("--strict", action="store_true", help="change nothing when any line is refused")

    def run(self, *, files: list[str], ecosystem: str = "", strict: bool = False, **options: Any) -> dict[str, Any]:
        if ecosystem not in ecosystems():
            raise UserError(f"There is no catalogue of {ecosystem}: choose from {', '.join(ecosystems())}.")

        def check(example: ToolExample) -> str:
            return tool_example_fault(example, ecosystem)

        try:
            with ProgressBar("Tools") as bar:
                return tools_swap(
                    files=[Path(file) for file in files], ecosystem=ecosystem, check=check, strict=strict, listener=bar
                )
        except NothingChanged as nothing:
            refused = nothing.accepted.refused
            return {
                "error": str(nothing),
                "lines": nothing.accepted.read,
                "refused": len(refused),
                "faults": refused[:MAX_NAMED],
            }

    def render(self, result: dict[str, Any]) -> None:
        if "error" in result:
            self.stderr.write(f"Error: {result['error']}")
        else:
            super().render(result)
        for fault in result["faults"]:
            self.stdout.write(f"{fault['file']} line {fault['line']}: {fault['reason']}")
        if "error" in result:
            return
        if result["ecosystem"] != settings.TOOL_ECOSYSTEM:
            self.stdout.write(f"Set WEB4_TOOL_ECOSYSTEM={result['ecosystem']} so that the agent asks for these tools.")

    def failed(self, result: dict[str, Any]) -> bool:
        return "error" in result

"""`manage.py graph`: breadcrumbs around a document, the path between two, or the timeline of an agent."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from rag.selectors import agent_by_name, agent_timeline, breadcrumbs, document_by_path, path_between
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = "Show what precedes and follows a document, the path between two documents, or what an agent wrote."
    services = ("redis",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", nargs="?", metavar="PATH", help="path relative to the corpus root, or a unique part of it"
        )
        parser.add_argument("--depth", type=int, default=3, metavar="N")
        parser.add_argument("--direction", choices=("before", "after", "both"), default="both")
        parser.add_argument("--to", metavar="PATH", help="show the shortest path from PATH to this document")
        parser.add_argument("--agent", metavar="NAME", help="show what this agent wrote, in order of time")
        parser.add_argument("--since", metavar="DATE", help="with --agent: from this day on (YYYY-MM-DD)")
        parser.add_argument("--until", metavar="DATE", help="with --agent: to this day, included")

    def run(self, *, path: str | None = None, agent: str | None = None, **options: Any) -> dict[str, Any]:
        if bool(path) == bool(agent):
            raise UserError("Give the PATH of a document, or --agent NAME.")
        if agent:
            since, until = _day("--since", options["since"]), _day("--until", options["until"])
            return agent_timeline(agent_by_name(agent), since=since, until=until).as_dict()
        start = document_by_path(path or "")
        if options["to"]:
            return path_between(start, document_by_path(options["to"])).as_dict()
        if options["depth"] < 1:
            raise UserError("--depth must be 1 or more.")
        return breadcrumbs(start, depth=options["depth"], direction=options["direction"]).as_dict()

    def render(self, result: dict[str, Any]) -> None:
        for row in result.get("documents", []):
            place = " ".join(filter(None, (row["session"], row["sprint"] and f"sprint {row['sprint']}")))
            self.stdout.write(f"{row['date'] or '–':<10}  {row['path']}" + (f"  ({place})" if place else ""))
        for node in result.get("nodes", []):
            self.stdout.write(f"{node['depth']:>4}  {node['date'] or '–':<10}  {node['path']}")
        for edge in result["edges"]:
            odd = ", though dated later" if edge["backwards"] else ""
            self.stdout.write(f"{edge['source']} -{edge['relation']}-> {edge['target']} ({edge['how']}{odd})")
        if not (result.get("nodes") or result.get("documents")):
            self.stdout.write("No breadcrumbs connect them." if "nodes" in result else "Nothing in this period.")


def _day(option: str, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise UserError(f"{option} takes a day like 2026-09-14.") from None

"""`manage.py ask "question"`: the agent, as chat and API would answer."""

import sys
from argparse import ArgumentParser
from typing import Any

from evaluation.selectors import live_deployment
from monitoring.agent.answering import query_answer, query_create
from monitoring.models import Query
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError
from web4site.services.embedded import live_model


class Command(BaseCommand):
    help = "Ask the live model, with retrieval and citations."
    services = ("redis", "chroma", "model")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--sources", choices=("auto", "always", "never"), default="auto")

    def _run_with_services(self, **options: Any) -> dict[str, Any] | None:
        if live_model() is None and live_deployment() is None:
            raise UserError("No model is live yet: run `make run`, or `manage.py deploy` a build first.", exit_code=1)
        return super()._run_with_services(**options)

    def run(self, *, question: str, sources: str, **options: Any) -> dict[str, Any]:
        if not question.strip():
            raise UserError("Ask something: the question is empty.")
        query = query_create(question=question, channel="command", sources=sources)
        query.claim()
        out = sys.stderr if self.as_json else sys.stdout
        for piece in query_answer(query):
            print(piece, end="", file=out, flush=True)
        print(file=out)
        if query.status != Query.Status.ANSWERED:
            raise UserError(query.error, exit_code=1)
        return {
            "answer": query.answer,
            "citations": query.citations,
            "query_type": query.query_type,
            "latency_ms": query.latency_ms,
            "deployment": query.deployment_id,
        }

    def render(self, result: dict[str, Any]) -> None:
        for number, citation in enumerate(result["citations"], 1):
            print(f"[{number}] {citation['path']} ({citation['why']})")
        print(f"{result['query_type']}, {result['latency_ms']['total']:.0f} ms")

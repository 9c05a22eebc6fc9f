"""`manage.py validate_morning`: hard questions to the live model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from monitoring.evening.command import EveningCommand
from monitoring.evening.loop import FAILED
from monitoring.evening.morning import QUESTIONS_FILE, read_questions
from web4site.errors import UserError
from web4site.services.embedded import live_model


class Command(EveningCommand):
    help = "Ask the live model hard questions, with retrieval; exit code 1 below 80 %."
    step = "validate_morning"
    failing = (FAILED, "below_target")
    services = ("redis", "chroma", "model")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", type=Path, default=QUESTIONS_FILE, help="a TOML file of your own questions")

    def _run_with_services(self, **options: Any) -> dict[str, Any] | None:
        read_questions(options["questions"])
        if live_model() is None:
            raise UserError("No model is live yet: run `make run`, or `manage.py deploy` a build first.", exit_code=1)
        return super()._run_with_services(**options)

    def run(self, *, questions: Path, **options: Any) -> dict[str, Any]:
        return self.execute_step(questions=questions.resolve())

    def render(self, result: dict[str, Any]) -> None:
        for row in result.get("questions", ()):
            print(f"{'passed' if row['passed'] else 'FAILED'}  {row['id']}  {row['why']}")
        super().render(result)

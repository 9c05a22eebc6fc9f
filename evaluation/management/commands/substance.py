"""`manage.py substance EVALUATION`: do the entries of an evaluation belong to their tasks, and do they differ?"""

import random
from argparse import ArgumentParser
from typing import Any

from web4site.commands import Command as Base
from web4site.errors import UserError

HARNESSES = ("pdca_schema", "pdca_template")


class Command(Base):
    help = "Measure the substance of the entries of an evaluation (its number; the newest when left out)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("evaluation", nargs="?", type=int, help="number of an evaluation")
        parser.add_argument(
            "--similarity", action="store_true", help="compare answers and prompts by embedding as well"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        from evaluation.models import Case, Evaluation
        from evaluation.substance import measure

        chosen = {"pk": options["evaluation"]} if options["evaluation"] else {}
        evaluation = Evaluation.objects.filter(**chosen).order_by("-pk").first()
        if evaluation is None:
            raise UserError("There is no such evaluation: the page Evaluation lists them all.")
        result: dict[str, Any] = {"evaluation": evaluation.pk, "build": evaluation.build.name, "harnesses": {}}
        for harness in HARNESSES:
            cases = list(Case.objects.filter(evaluation=evaluation, harness=harness).order_by("case_id"))
            prompts, answers = [case.prompt for case in cases], [case.output for case in cases]
            measured = measure(prompts, answers)
            if options["similarity"] and cases:
                measured |= _similarity(prompts, answers)
            result["harnesses"][harness] = measured
        return result

    def render(self, result: dict[str, Any]) -> None:
        from rich.console import Console

        for harness, measured in result["harnesses"].items():
            Console().print(f"[bold]{harness}[/]", measured)


def _similarity(prompts: list[str], answers: list[str]) -> dict[str, float]:
    """Mean cosine similarity of answers to their own prompts and to shuffled ones, and how often the own is nearest."""
    from rag.embedding import get_embedder

    asked, said = (get_embedder().embed_documents(texts) for texts in (prompts, answers))
    table = said @ asked.T
    others = list(range(len(prompts)))
    random.Random(0).shuffle(others)
    own = table.diagonal()
    return {
        "own": round(float(own.mean()), 4),
        "shuffled": round(float(table[range(len(others)), others].mean()), 4),
        "own_is_nearest": round(float((table.argmax(axis=1) == range(len(others))).mean()), 4),
    }

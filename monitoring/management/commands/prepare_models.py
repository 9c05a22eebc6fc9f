"""`manage.py prepare_models`: lay out the base model and the embedder once."""

from typing import Any

from monitoring.services.models import models_prepare
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Write the base model and the embedder in the form the platform uses; does nothing when they are there."

    def run(self, **options: Any) -> dict[str, Any]:
        with ProgressBar("Preparing models") as report:
            return models_prepare(report)

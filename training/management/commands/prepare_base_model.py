"""`manage.py prepare_base_model`: write the base model as a Hugging Face folder, or check the one there is."""

from dataclasses import asdict
from typing import Any

from django.conf import settings

from training.ml.base_model import inspect_base_model, prepare_base_model
from web4site.commands import Command as BaseCommand


class Command(BaseCommand):
    help = "Write the bundled base model into WEB4_HOME, or check the folder WEB4_BASE_MODEL names."

    def run(self, **options: Any) -> dict[str, Any]:
        return asdict(inspect_base_model(prepare_base_model(settings.BASE_MODEL_DIR)))

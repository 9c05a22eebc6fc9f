"""Fetch a base model from the Hugging Face hub into a folder of its own.

The platform keeps its processes off the network; a fetch that somebody asked for gets a process that may use it.
"""

import os
import subprocess
import sys
from pathlib import Path

from training.ml.isolated import PROJECT
from web4site.errors import UserError

# What a training reads; other formats of the same weights stay where they are.
FILES = ("*.json", "*.safetensors", "*.jinja", "merges.txt")
NOT_FOUND, NOT_REACHED = 3, 4


def fetch_model(hub_id: str, directory: Path) -> None:
    """Download `hub_id` (organisation/model) into `directory`; goes on where an earlier try was interrupted.

    Raises UserError when there is no such model, no access to it, or no connection.
    """
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    arguments = [sys.executable, "-m", "training.ml.hub", hub_id, str(directory)]
    status = subprocess.run(arguments, cwd=PROJECT, env=environment, check=False).returncode
    if status == NOT_FOUND:
        raise UserError(f"The hub has no model {hub_id}, or it needs a login (HF_TOKEN): check WEB4_BASE_MODEL.")
    if status != 0:
        raise UserError(
            f"{hub_id} could not be fetched from the hub: where there is no network, copy its Hugging Face folder to "
            f"{directory}.",
            exit_code=1,
        )


def _fetch(hub_id: str, directory: str) -> int:
    import httpx
    from huggingface_hub import errors, snapshot_download

    try:
        snapshot_download(hub_id, local_dir=directory, allow_patterns=list(FILES))
    except (errors.RepositoryNotFoundError, errors.HFValidationError):
        return NOT_FOUND
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, httpx.HTTPError, OSError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return NOT_REACHED
    return 0


if __name__ == "__main__":
    sys.exit(_fetch(*sys.argv[1:]))

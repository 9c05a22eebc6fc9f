"""Our FP16 GGUF beside the one that llama.cpp's own converter writes from the same folder, tensor for tensor.

The converter comes from the source archive of the installed llama-cpp-python, fetched once into WEB4_HOME/bench.
"""

import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measuring import Measurement

if TYPE_CHECKING:
    from gguf import GGUFReader

PARTS = ("/convert_hf_to_gguf.py", "/conversion/", "/gguf-py/")
# Two things stand in its way. It recognizes a pre-tokenizer by a hash of what that makes of a long text, which
# no random model's tokenizer can meet, so it is told the name; and it imports sentencepiece before it looks whether the
# model has such a tokenizer at all.
RUN_CONVERTER = """
import runpy, sys, types
import transformers
source, folder, target = sys.argv[1:4]
sys.modules["sentencepiece"] = types.ModuleType("sentencepiece")
sys.modules["sentencepiece"].SentencePieceProcessor = object
sys.path[:0] = [source, source + "/gguf-py"]
from conversion.base import TextModel
by_hash = TextModel.get_vocab_base_pre
def by_hash_or_architecture(self, tokenizer):
    try:
        return by_hash(self, tokenizer)
    except NotImplementedError:
        return {"LlamaForCausalLM": "smollm", "Qwen2ForCausalLM": "qwen2"}[self.hparams["architectures"][0]]
TextModel.get_vocab_base_pre = by_hash_or_architecture
sys.argv = ["convert_hf_to_gguf.py", folder, "--outfile", target, "--outtype", "f16"]
runpy.run_path(source + "/convert_hf_to_gguf.py", run_name="__main__")
"""


def run() -> list[Measurement]:
    from django.conf import settings

    from tests.training.tiny import write_tiny_model
    from training.ml.base_model import prepare_base_model

    source = _converter(Path(settings.MODELS_DIR).resolve().parent / "bench")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        folders = {
            "SmolLM2-135M": prepare_base_model(settings.BASE_MODEL_DIR),
            "random Qwen2": write_tiny_model(work / "qwen2", "qwen2"),
        }
        return [row for model, folder in folders.items() for row in _compare(model, folder, source, work)]


def _converter(folder: Path) -> Path:
    """The folder of convert_hf_to_gguf.py, unpacked from the source archive."""
    release = version("llama-cpp-python")
    source = folder / f"llama_cpp_python-{release}" / "vendor" / "llama.cpp"
    if source.is_dir():
        return source
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python",
             f"llama-cpp-python=={release}", "--dest", name],
            check=True,
        )  # fmt: skip
        with tarfile.open(next(Path(name).glob("*.tar.gz"))) as archive:
            chosen = [item for item in archive if any(part in item.name for part in PARTS)]
            archive.extractall(folder, [item for item in chosen if "/vendor/llama.cpp/" in item.name], filter="data")
    return source


def _compare(model: str, folder: Path, source: Path, work: Path) -> list[Measurement]:
    from gguf import GGUFReader

    from training.ml.gguf_export import export_gguf

    theirs = work / f"{folder.name}.theirs.gguf"
    subprocess.run(
        [sys.executable, "-c", RUN_CONVERTER, str(source), str(folder), str(theirs)], check=True, capture_output=True
    )
    ours = GGUFReader(export_gguf(folder, work / f"{folder.name}.ours.gguf", name=model))
    reference = GGUFReader(theirs)
    tokenizer = _tokenizer_fields(ours), _tokenizer_fields(reference)
    return [
        Measurement(f"{model}, tensors that differ", _different(ours, reference), "", f"of {len(reference.tensors)}"),
        Measurement(
            f"{model}, tokenizer fields that differ",
            sum(tokenizer[0].get(key) != tokenizer[1].get(key) for key in {*tokenizer[0], *tokenizer[1]}),
            "",
            f"of {len(tokenizer[1])}",
        ),
    ]


def _different(ours: "GGUFReader", reference: "GGUFReader") -> int:
    """Tensors missing on one side, or of another type, shape or content."""
    import numpy

    left, right = ({tensor.name: tensor for tensor in file.tensors} for file in (ours, reference))
    equal = sum(
        left[name].tensor_type == right[name].tensor_type and numpy.array_equal(left[name].data, right[name].data)
        for name in left.keys() & right.keys()
    )
    return len(left.keys() | right.keys()) - equal


def _tokenizer_fields(file: "GGUFReader") -> dict[str, Any]:
    return {name: field.contents() for name, field in file.fields.items() if name.startswith("tokenizer.")}

"""Turn the packaged all-MiniLM-L6-v2 weights into two ONNX graphs: `python -m rag.prepare_embedder DIR`.

`float.onnx` is exact; `int8.onnx` quantizes weights per output channel and activations as they come.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rag.bert_graph import Array, BertGraph, source_folder

COPIED = ("tokenizer.json", "config.json")


def embedder(weights: Mapping[str, Array], config: Mapping[str, Any], *, quantized: bool) -> Any:
    """The graph from `input_ids` int64 [1, tokens] to a unit vector `embedding` float32 [1, hidden]."""
    graph = BertGraph(weights, config, quantized=quantized)
    build = graph.builder
    mean = build.node(
        "ReduceMean", [graph.hidden_states(), build.constant("token_axis", np.array([1]))], "mean", keepdims=0
    )
    build.node("LpNormalization", [mean], "embedding", axis=-1, p=2)
    return graph.model(["input_ids"], "embedding", config["hidden_size"])


def prepare(target: Path) -> None:
    """Write the embedder's folder in one step: beside it first, then renamed."""
    import onnx
    from safetensors.numpy import load_file

    source = source_folder()
    config = json.loads((source / "config.json").read_text())
    weights = load_file(source / "model.safetensors")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, quantized in (("float.onnx", False), ("int8.onnx", True)):
            onnx.save(embedder(weights, config, quantized=quantized), draft / name)
        for name in COPIED:
            shutil.copyfile(source / name, draft / name)
        draft.chmod(0o755)
        if not (target / "int8.onnx").exists():
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))

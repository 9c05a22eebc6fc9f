"""Prompt token ids and greedy answers as llama.cpp gives them for a GGUF file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.ml.data import Message
from training.ml.isolated import answer_parent, call_isolated, read_parent

CONTEXT = 1024


def served_answers(
    gguf: Path, conversations: Sequence[list[Message]], tokens: int, *, lora: Path | None = None
) -> tuple[list[list[int]], list[list[int]]]:
    """Per conversation, the ids of the prompt (by the template inside the file) and of the greedy answer.

    `lora` is an adapter's GGUF to put on top.
    Raises UserError when llama.cpp cannot load or run a file.
    """
    request = {"gguf": str(gguf), "conversations": list(conversations), "tokens": tokens, "lora": lora and str(lora)}
    ids, answers = call_isolated("training.ml.served", request, doing=f"loading {gguf.name}")
    return ids, answers


def _serve(request: dict[str, Any]) -> tuple[list[list[int]], list[list[int]]]:
    from llama_cpp import Llama

    model = Llama(request["gguf"], n_ctx=CONTEXT, n_threads=os.cpu_count(), lora_path=request["lora"], verbose=False)
    template = chat_template(model)
    ids, answers = [], []
    for messages in request["conversations"]:
        ids.append(model.tokenize(template(messages=messages).prompt.encode(), add_bos=False, special=True))
        answers.append(_answer(model, ids[-1], request["tokens"]))
    return ids, answers


def chat_template(model: Any) -> Any:
    """The formatter of the template inside the model's file; call it with `messages=`, its `.prompt` is the text."""
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    return Jinja2ChatFormatter(
        template=model.metadata["tokenizer.chat_template"],
        eos_token=model.detokenize([model.token_eos()], special=True).decode(),
        bos_token=model.detokenize([model.token_bos()], special=True).decode(),
    )


def _answer(model: Any, prompt: list[int], tokens: int) -> list[int]:
    """Greedy answer ids; the end token, if it comes within `tokens`, is the last of them."""
    answer: list[int] = []
    for token in model.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0, reset=True):
        answer.append(token)
        if token == model.token_eos() or len(answer) == tokens:
            break
    return answer


if __name__ == "__main__":
    answer_parent(_serve(read_parent()))

"""Does the GGUF say what the trained model says? Prompt token ids and greedy answers, side by side."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.ml.data import Message
from web4site.errors import UserError

ANSWER_TOKENS = 16
CONTEXT = 1024
# Share of prompts whose FP16 answer must be equal, token for token; rounding to float16 may flip a near tie.
MINIMUM_EQUAL = 0.8
PROMPTS = (
    "What does CMM3 mean?",
    "Write an empty constructor for a TypeScript class named Ledger.",
    "List the four sections of a PDCA.",
    "Why do we write 2  numbers:\n\n  12 and 345?",
    "Name the capital of France.",
)


@dataclass(frozen=True, slots=True)
class Parity:
    """Shares are 0-1 over `prompts`; answers are the first 16 greedy tokens compared with the trained model's."""

    prompts: int
    prompt_ids_equal: float
    answers_equal_fp16: float
    answers_equal_quantized: float
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check_parity(folder: Path, fp16: Path, quantized: Path, prompts: Sequence[str] = PROMPTS) -> Parity:
    """Compare the Hugging Face `folder` with both GGUF files; raises UserError when one does not load."""
    conversations = [[{"role": "user", "content": prompt}] for prompt in prompts]
    ids, answers = _reference(folder, conversations)
    ids_fp16, answers_fp16 = _served(fp16, conversations)
    ids_quantized, answers_quantized = (ids_fp16, answers_fp16)
    if quantized != fp16:
        ids_quantized, answers_quantized = _served(quantized, conversations)
    same_ids = [a == b == c for a, b, c in zip(ids, ids_fp16, ids_quantized, strict=True)]
    prompt_ids_equal, answers_equal = _share(same_ids), _share(map(list.__eq__, answers, answers_fp16))
    return Parity(
        prompts=len(conversations),
        prompt_ids_equal=prompt_ids_equal,
        answers_equal_fp16=answers_equal,
        answers_equal_quantized=_share(map(list.__eq__, answers, answers_quantized)),
        passed=prompt_ids_equal == 1.0 and answers_equal >= MINIMUM_EQUAL,
    )


def _share(outcomes: Any) -> float:
    values = list(outcomes)
    return sum(map(bool, values)) / len(values)


def _reference(folder: Path, conversations: Sequence[list[Message]]) -> tuple[list[list[int]], list[list[int]]]:
    """Prompt ids and greedy answer ids of the Hugging Face model in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids, answers = [], []
    for messages in conversations:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        prompt = tokenizer(text, add_special_tokens=False, return_tensors="pt")
        with torch.inference_mode():
            output = model.generate(
                **prompt, max_new_tokens=ANSWER_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id
            )[0].tolist()
        length = prompt["input_ids"].shape[1]
        ids.append(output[:length])
        answers.append(_until_end(output[length:], tokenizer.eos_token_id))
    return ids, answers


def _served(gguf: Path, conversations: Sequence[list[Message]]) -> tuple[list[list[int]], list[list[int]]]:
    """Prompt ids (from the template inside the file) and greedy answer ids of llama.cpp."""
    from llama_cpp import Llama
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    try:
        model = Llama(str(gguf), n_ctx=CONTEXT, n_threads=os.cpu_count(), verbose=False)
    except (ValueError, OSError) as error:
        raise UserError(f"llama.cpp cannot load {gguf.name}: {error}", exit_code=1) from None
    try:
        template = Jinja2ChatFormatter(
            template=model.metadata["tokenizer.chat_template"],
            eos_token=model.detokenize([model.token_eos()], special=True).decode(),
            bos_token=model.detokenize([model.token_bos()], special=True).decode(),
        )
        ids, answers = [], []
        for messages in conversations:
            text = template(messages=messages).prompt  # type: ignore[arg-type]
            ids.append(model.tokenize(text.encode(), add_bos=False, special=True))
            answers.append(_answer(model, ids[-1]))
        return ids, answers
    finally:
        model.close()


def _answer(model: Any, prompt: list[int]) -> list[int]:
    answer: list[int] = []
    for token in model.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0, reset=True):
        answer.append(token)
        if len(answer) == ANSWER_TOKENS or token == model.token_eos():
            break
    return _until_end(answer, model.token_eos())


def _until_end(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens

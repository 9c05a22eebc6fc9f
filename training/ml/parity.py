"""Does the GGUF say what the trained model says? Prompt token ids and greedy answers, side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.ml.data import Message
from training.ml.served import served_answers

ANSWER_TOKENS = 16
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
    """Shares are 0-1 over `prompts`; answers are the first 16 greedy tokens, compared with the trained model's."""

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
    ids, answers = trained_answers(folder, conversations, ANSWER_TOKENS)
    ids_fp16, answers_fp16 = served_answers(fp16, conversations, ANSWER_TOKENS)
    ids_quantized, answers_quantized = ids_fp16, answers_fp16
    if quantized != fp16:
        ids_quantized, answers_quantized = served_answers(quantized, conversations, ANSWER_TOKENS)
    prompt_ids_equal = _share(a == b == c for a, b, c in zip(ids, ids_fp16, ids_quantized, strict=True))
    answers_equal = _share(a == b for a, b in zip(answers, answers_fp16, strict=True))
    return Parity(
        prompts=len(conversations),
        prompt_ids_equal=prompt_ids_equal,
        answers_equal_fp16=answers_equal,
        answers_equal_quantized=_share(a == b for a, b in zip(answers, answers_quantized, strict=True)),
        passed=prompt_ids_equal == 1.0 and answers_equal >= MINIMUM_EQUAL,
    )


def trained_answers(
    folder: Path, conversations: Sequence[list[Message]], tokens: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Prompt ids and greedy answer ids (without the end token) of the Hugging Face model in float32."""
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
                **prompt, max_new_tokens=tokens, do_sample=False, pad_token_id=tokenizer.pad_token_id
            )[0].tolist()
        length = prompt["input_ids"].shape[1]
        ids.append(output[:length])
        answer = output[length:]
        end = tokenizer.eos_token_id
        answers.append(answer[: answer.index(end)] if end in answer else answer)
    return ids, answers


def _share(outcomes: Iterable[bool]) -> float:
    values = list(outcomes)
    return sum(values) / len(values)

"""Does the GGUF say what the trained model says? Prompt token ids and greedy answers, side by side.

Decoding greedily with the trained model is not needed: the served answer is what it would have said exactly when each
of the answer's tokens is the trained model's most likely one after what stands before it; one pass shows that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.ml.base_model import load_causal_lm
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
    "Explain in one sentence why the build failed.",
    "Which tool reads a file?",
    "Turn this into a test: the ledger starts empty.",
    "What comes after the Check section?",
    "Is it fine to commit a password?",
)


@dataclass(frozen=True, slots=True)
class Parity:
    """Shares are 0-1. Answers are the first 16 greedy tokens; the trained model in float32 is the reference.

    `tokens_equal_quantized` is the share of the quantized answers' tokens that the reference would choose too.
    """

    prompts: int
    prompt_ids_equal: float
    answers_equal_fp16: float
    answers_equal_quantized: float
    tokens_equal_quantized: float
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def check_parity(folder: Path, fp16: Path, quantized: Path, prompts: Sequence[str] = PROMPTS) -> Parity:
    """Compare the Hugging Face `folder` with both GGUF files; raises UserError when one does not load."""
    conversations = [[{"role": "user", "content": prompt}] for prompt in prompts]
    reference = Reference(folder)
    ids_fp16, answers_fp16 = served_answers(fp16, conversations, ANSWER_TOKENS)
    ids_quantized, answers_quantized = ids_fp16, answers_fp16
    if quantized != fp16:
        ids_quantized, answers_quantized = served_answers(quantized, conversations, ANSWER_TOKENS)
    ids = [reference.prompt_ids(messages) for messages in conversations]
    agreed_fp16 = [reference.agrees(prompt, answer) for prompt, answer in zip(ids, answers_fp16, strict=True)]
    agreed = [reference.agrees(prompt, answer) for prompt, answer in zip(ids, answers_quantized, strict=True)]
    prompt_ids_equal = _share(a == b == c for a, b, c in zip(ids, ids_fp16, ids_quantized, strict=True))
    answers_equal = _share(map(all, agreed_fp16))
    return Parity(
        prompts=len(conversations),
        prompt_ids_equal=prompt_ids_equal,
        answers_equal_fp16=answers_equal,
        answers_equal_quantized=_share(map(all, agreed)),
        tokens_equal_quantized=_share(token for tokens in agreed for token in tokens),
        passed=prompt_ids_equal == 1.0 and answers_equal >= MINIMUM_EQUAL,
    )


class Reference:
    """The trained model in float32 with its own tokenizer and template."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = load_causal_lm(folder, torch.float32).eval()

    def prompt_ids(self, messages: list[Message]) -> list[int]:
        """Token ids of the conversation, ready for an answer."""
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def agrees(self, prompt: list[int], answer: list[int]) -> list[bool]:
        """Per token of `answer`, whether the model finds it the most likely one after everything before it."""
        import torch

        if not answer:
            return []
        with torch.inference_mode():
            logits = self.model(torch.tensor([prompt + answer[:-1]]), logits_to_keep=len(answer)).logits[0]
        return (logits.argmax(dim=-1) == torch.tensor(answer)).tolist()


def _share(outcomes: Iterable[bool]) -> float:
    values = list(outcomes)
    return sum(values) / len(values) if values else 1.0

"""Does the GGUF say what the trained model says? Prompt token ids and greedy answers, side by side.

Decoding greedily with the trained model is not needed: the served answer is what it would have said exactly when each
of the answer's tokens is the trained model's most likely one after what stands before it; one pass shows that.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.ml.base_model import load_causal_lm
from training.ml.data import Message
from training.ml.drift import Drift, measure_drift
from training.ml.served import served_answers

ANSWER_TOKENS = 16
# Share of prompts whose FP16 answer must be what the trained model says.
MINIMUM_EQUAL = 0.95
# Two tokens so near to each other (in logits) are a tie: which of them comes first is a matter of rounding. A fault of
# the export (an order of rows, a scale, a missing bias) moves logits by more.
TIE = 0.05
QUESTIONS = Path(__file__).with_name("parity.toml")


@dataclass(frozen=True, slots=True)
class Parity:
    """Shares are 0-1. Answers are the first 16 greedy tokens; the trained model in float32 is the reference.

    `answers_equal_*` count answers equal token for token, `answers_tied_fp16` also those that differ in ties alone.
    `tokens_equal_quantized` is the share of the quantized answers' tokens that the reference would choose too; `drift`
    says what quantization changed, None where the file is not quantized.
    """

    prompts: int
    prompt_ids_equal: float
    answers_equal_fp16: float
    answers_tied_fp16: float
    answers_equal_quantized: float
    tokens_equal_quantized: float
    drift: Drift | None
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def parity_questions() -> tuple[list[str], list[str]]:
    """The prompts to answer and the texts to read."""
    data = tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))
    return data["prompts"], data["texts"]


def check_parity(folder: Path, fp16: Path, quantized: Path) -> Parity:
    """Compare the Hugging Face `folder` with both GGUF files; raises UserError when one does not load."""
    prompts, texts = parity_questions()
    conversations = [[{"role": "user", "content": prompt}] for prompt in prompts]
    reference = Reference(folder)
    ids_fp16, answers_fp16 = served_answers(fp16, conversations, ANSWER_TOKENS)
    ids_quantized, answers_quantized = ids_fp16, answers_fp16
    if quantized != fp16:
        ids_quantized, answers_quantized = served_answers(quantized, conversations, ANSWER_TOKENS)
    ids = [reference.prompt_ids(messages) for messages in conversations]
    missed_fp16 = [reference.shortfalls(prompt, answer) for prompt, answer in zip(ids, answers_fp16, strict=True)]
    missed = [reference.shortfalls(prompt, answer) for prompt, answer in zip(ids, answers_quantized, strict=True)]
    prompt_ids_equal = _share(a == b == c for a, b, c in zip(ids, ids_fp16, ids_quantized, strict=True))
    answers_tied = _share(max(answer, default=0.0) <= TIE for answer in missed_fp16)
    return Parity(
        prompts=len(conversations),
        prompt_ids_equal=prompt_ids_equal,
        answers_equal_fp16=_share(not any(answer) for answer in missed_fp16),
        answers_tied_fp16=answers_tied,
        answers_equal_quantized=_share(not any(answer) for answer in missed),
        tokens_equal_quantized=_share(token == 0 for answer in missed for token in answer),
        drift=measure_drift(fp16, quantized, texts) if quantized != fp16 else None,
        passed=prompt_ids_equal == 1.0 and answers_tied >= MINIMUM_EQUAL,
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

    def shortfalls(self, prompt: list[int], answer: list[int]) -> list[float]:
        """Per token of `answer`, by how many logits the model finds another one likelier; 0.0 where it finds none."""
        import torch

        if not answer:
            return []
        with torch.inference_mode():
            logits = self.model(torch.tensor([prompt + answer[:-1]]), logits_to_keep=len(answer)).logits[0]
        chosen = logits.gather(1, torch.tensor(answer)[:, None])[:, 0]
        missed: list[float] = (logits.max(dim=-1).values - chosen).tolist()
        return missed


def _share(outcomes: Iterable[bool]) -> float:
    values = list(outcomes)
    return sum(values) / len(values) if values else 1.0

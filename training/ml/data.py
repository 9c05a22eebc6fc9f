"""Samples to token ids with a loss mask, and micro-batches of like length, in a repeatable order."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from web4site.errors import UserError

IGNORED = -100

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One sample as people wrote it, and the category it belongs to ('' when it does not say)."""

    messages: list[Message]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One sample: token ids and, per token, the id to learn or IGNORED."""

    ids: list[int]
    labels: list[int]
    category: str = ""

    @property
    def label_count(self) -> int:
        """Tokens to learn; the first token has nothing before it to be predicted from."""
        return sum(label != IGNORED for label in self.labels[1:])


@dataclass(frozen=True, slots=True)
class DataReport:
    """What became of the samples; lengths in tokens. `replayed` of them come from earlier trainings."""

    samples: int
    replayed: int
    truncated: int
    dropped: int
    tokens: int
    label_tokens: int
    median_length: int
    longest: int


def read_samples(paths: Sequence[Path]) -> list[Conversation]:
    """Conversations of JSONL files: `{"messages": [...]}` or `{"instruction", "input", "output"}` a line.

    Raises UserError with file and line for anything else, and when there is no sample at all.
    """
    conversations = []
    for path in paths:
        if not path.is_file():
            raise UserError(f"Training file {path} does not exist: freeze the dataset again.")
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    conversations.append(_conversation(line, f"{path.name} line {number}"))
    if not conversations:
        raise UserError("The dataset has no training samples: generate samples and freeze the dataset first.")
    return conversations


def _conversation(line: str, place: str) -> Conversation:
    try:
        record = json.loads(line)
        if "messages" in record:
            messages = [{"role": str(m["role"]), "content": str(m["content"])} for m in record["messages"]]
        else:
            asked = "\n\n".join(part for part in (record["instruction"], record.get("input") or "") if part)
            messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": record["output"]}]
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{place} is not a training sample: {type(error).__name__} {error}.") from None
    if not any(message["role"] == "assistant" for message in messages):
        raise UserError(f"{place} has no answer of the assistant to learn from.")
    metadata = record.get("metadata")
    category = metadata.get("category", "") if isinstance(metadata, dict) else ""
    return Conversation(messages, str(category))


def with_replay(
    new: Sequence[Conversation], old: Sequence[Conversation], share: float, seed: int
) -> list[Conversation]:
    """`new`, and so many of `old` that they make `share` of the whole; all of `old` where that is fewer."""
    wanted = min(round(len(new) * share / (1 - share)), len(old))
    return [*new, *random.Random(f"{seed}/replay").sample(list(old), wanted)]


def encode(conversation: Conversation, tokenizer: Any, max_length: int) -> tuple[Encoded, bool]:
    """Token ids of the chat-formatted conversation, labels on the assistant's answers only, and whether it was cut.

    An answer's label span ends with its end-of-turn token. Source of the format: the tokenizer's chat template.
    """
    messages = conversation.messages
    text = _render(tokenizer, messages)
    spans = []
    for index, message in enumerate(messages):
        if message["role"] == "assistant":
            start = len(_prefix(tokenizer, messages[:index], text, prompt=True))
            answer = _prefix(tokenizer, messages[: index + 1], text, prompt=False)[start:]
            spans.append((start, start + len(answer.rstrip())))
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = coded["input_ids"], coded["offset_mapping"]
    labels = [
        token if any(start <= left < end for start, end in spans) else IGNORED
        for token, (left, _) in zip(ids, offsets, strict=True)
    ]
    return Encoded(ids[:max_length], labels[:max_length], conversation.category), len(ids) > max_length


def _render(tokenizer: Any, messages: list[Message], *, prompt: bool = False) -> str:
    try:
        text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)
    except Exception as error:
        raise UserError(f"The base model's chat template refuses a sample: {error}") from None
    return text


def _prefix(tokenizer: Any, messages: list[Message], text: str, *, prompt: bool) -> str:
    prefix = _render(tokenizer, messages, prompt=prompt)
    if not text.startswith(prefix):
        raise UserError("The chat template rewrites earlier turns, so answers cannot be located: use another model.")
    return prefix


def encode_all(
    conversations: Sequence[Conversation], tokenizer: Any, max_length: int, *, replayed: int = 0
) -> tuple[list[Encoded], DataReport]:
    """Encode everything; a sample without a learnable token within `max_length` is dropped and counted.

    `replayed` says how many of them come from earlier trainings.
    """
    kept, truncated, dropped = [], 0, 0
    for conversation in conversations:
        sample, cut = encode(conversation, tokenizer, max_length)
        if not sample.label_count:
            dropped += 1
            continue
        truncated += cut
        kept.append(sample)
    if not kept:
        raise UserError(f"No sample has an answer within {max_length} tokens: raise max_length or check the dataset.")
    lengths = [len(sample.ids) for sample in kept]
    report = DataReport(
        samples=len(kept),
        replayed=replayed,
        truncated=truncated,
        dropped=dropped,
        tokens=sum(lengths),
        label_tokens=sum(sample.label_count for sample in kept),
        median_length=int(median(lengths)),
        longest=max(lengths),
    )
    return kept, report


def steps_per_epoch(samples: int, per_step: int) -> int:
    """Optimizer steps of one epoch; the last one may hold fewer samples."""
    return -(-samples // per_step)


def epoch_steps(samples: int, per_step: int, seed: int, epoch: int) -> list[list[int]]:
    """Sample indices of each optimizer step of one epoch; a pure function of its arguments, so resume can redo it."""
    order = list(range(samples))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    return [order[start : start + per_step] for start in range(0, samples, per_step)]


def some_of(conversations: Sequence[Conversation], count: int, seed: int) -> list[Conversation]:
    """At most `count` of the conversations, the same ones for the same seed."""
    return random.Random(f"{seed}/holdout").sample(list(conversations), min(count, len(conversations)))


def micro_batches(samples: Sequence[Encoded], rows: int) -> Iterator[list[Encoded]]:
    """Cut one step's samples into micro-batches of at most `rows`, the shortest first."""
    ordered = sorted(samples, key=lambda sample: len(sample.ids))
    for start in range(0, len(ordered), rows):
        yield ordered[start : start + rows]

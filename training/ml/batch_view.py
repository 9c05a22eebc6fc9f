"""A micro-batch as the model sees it, for people to look at: every token, and whether it is learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.ml.data import IGNORED, Encoded

MAX_TOKENS = 400


@dataclass(frozen=True, slots=True)
class SampleView:
    """`tokens` are (text, learned) pairs, at most the first 400 of `length`."""

    category: str
    length: int
    tokens: list[tuple[str, bool]]


def view_batch(samples: Sequence[Encoded], tokenizer: Any) -> list[SampleView]:
    """Decode each token on its own; a part of a character shows as its replacement sign."""
    return [
        SampleView(
            sample.category,
            len(sample.ids),
            [
                (tokenizer.decode([token]), label != IGNORED)
                for token, label in zip(sample.ids[:MAX_TOKENS], sample.labels[:MAX_TOKENS], strict=True)
            ],
        )
        for sample in samples
    ]

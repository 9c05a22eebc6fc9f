"""Token counts by the tokenizer of the base model that will be trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from web4site.errors import UserError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUCKET = 100
MISSING = "Prepare the base model first: manage.py prepare_models"


class TokenCounter:
    """Counts tokens of plain text, special tokens left out."""

    def __init__(self, model_folder: Path) -> None:
        from tokenizers import Tokenizer

        file = model_folder / "tokenizer.json"
        if not file.is_file():
            raise UserError(MISSING)
        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the Rust library raises a bare Exception on a broken file
            raise UserError(f"{file.name} of the base model cannot be read ({error}): prepare it again.") from None

    def count(self, text: str) -> int:
        # The fast batch call leaves out offsets, which nobody asks for here.
        return len(self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids)


def histogram(counts: Iterable[int], bucket: int = BUCKET) -> dict[str, int]:
    """{lower bound of a bucket: how many}, empty buckets between filled ones included."""
    filled: dict[int, int] = {}
    for count in counts:
        filled[count // bucket * bucket] = filled.get(count // bucket * bucket, 0) + 1
    if not filled:
        return {}
    return {str(low): filled.get(low, 0) for low in range(min(filled), max(filled) + bucket, bucket)}

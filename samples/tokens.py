"""Token counts by the tokenizer of the base model that will be trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from web4site.errors import UserError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUCKET = 100
MISSING = "Prepare the base model first: manage.py prepare_models"


class TokenCounter:
    """Counts tokens of plain text, special tokens left out. Another process gets the folder and reads it itself."""

    def __init__(self, model_folder: Path) -> None:
        from tokenizers import Tokenizer

        self.model_folder = model_folder
        file = model_folder / "tokenizer.json"
        if not file.is_file():
            raise UserError(MISSING)
        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the Rust library raises a bare Exception on a broken file
            raise UserError(f"{file.name} of the base model cannot be read ({error}): prepare it again.") from None

    def __reduce__(self) -> tuple[type[TokenCounter], tuple[Path]]:
        return TokenCounter, (self.model_folder,)

    def count(self, text: str) -> int:
        return self.count_all([text])[0]

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Many texts at once, on all cores."""
        # The fast batch call leaves out offsets, which nobody asks for here.
        return [len(found.ids) for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


class EachText:
    """A count of one text as a count of many."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self.count = count

    def __call__(self, texts: Sequence[str]) -> list[int]:
        return [self.count(text) for text in texts]


def histogram(counts: Iterable[int], bucket: int = BUCKET) -> dict[str, int]:
    """{lower bound of a bucket: how many}, empty buckets between filled ones included."""
    filled: dict[int, int] = {}
    for count in counts:
        filled[count // bucket * bucket] = filled.get(count // bucket * bucket, 0) + 1
    if not filled:
        return {}
    return {str(low): filled.get(low, 0) for low in range(min(filled), max(filled) + bucket, bucket)}

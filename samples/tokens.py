"""Token counts by the tokenizer of the base model that will be trained."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from web4site.errors import UserError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUCKET = 100
# Words remembered with their number of tokens: some 15 MB.
MAX_KNOWN = 100_000
PROBE = """# Plan: 2 steps, isn't it?

- [ ] `init(scenario: Scenario): this`  **done**  (42 %)
    const total = this.model.items.length + 1;  // größer – 100 000 € ✅
The quick brown fox doesn't jump over lazydogs123 ..."""
_SINGLE_SPACE = re.compile(r" (?=\S)(?<=\S )")
TOKENIZER_FILE = "tokenizer.json"
MISSING = "Prepare the base model first: manage.py prepare_models"


class TokenCounter:
    """Counts tokens of plain text, special tokens left out. Another process gets the folder and reads it itself.

    Drafts of one document say the same words again and again, so each word is counted once, with the space before it.
    That is exact for tokenizers that never join a word with the next one, which is tried out on `PROBE`; texts are
    counted whole by one that does.
    """

    def __init__(self, model_folder: Path) -> None:
        from tokenizers import Tokenizer

        self.model_folder = model_folder
        file = model_folder / TOKENIZER_FILE
        if not self.is_ready(model_folder):
            raise UserError(MISSING)
        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the Rust library raises a bare Exception on a broken file
            raise UserError(f"{file.name} of the base model cannot be read ({error}): prepare it again.") from None
        self._known: dict[str, int] = {}
        self._word_by_word = self._whole([PROBE]) == self._in_words([PROBE])

    @staticmethod
    def is_ready(model_folder: Path) -> bool:
        """Whether there is a tokenizer to count by."""
        return (model_folder / TOKENIZER_FILE).is_file()

    def __reduce__(self) -> tuple[type[TokenCounter], tuple[Path]]:
        return TokenCounter, (self.model_folder,)

    def count(self, text: str) -> int:
        return self.count_all([text])[0]

    def count_all(self, texts: Sequence[str]) -> list[int]:
        return self._in_words(texts) if self._word_by_word else self._whole(texts)

    def _whole(self, texts: Sequence[str]) -> list[int]:
        """Many texts at once, on all cores."""
        # The fast batch call leaves out offsets, which nobody asks for here.
        return [len(found) for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _in_words(self, texts: Sequence[str]) -> list[int]:
        cut = [_pieces(text) for text in texts]
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        new = sorted(set().union(*cut) - self._known.keys())
        self._known.update(zip(new, self._whole(new), strict=True))
        return [sum(map(self._known.__getitem__, pieces)) for pieces in cut]


def _pieces(text: str) -> list[str]:
    """A text cut before each single space between two words; runs of white space stay within a piece."""
    first, *others = _SINGLE_SPACE.split(text)
    return [first, *[f" {piece}" for piece in others]]


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

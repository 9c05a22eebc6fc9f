"""Texts to unit vectors: all-MiniLM-L6-v2 on onnxruntime, without torch.

Documents go through the int8 graph, queries through the exact one: an error on one side only costs far less ranking
than on both, and a query is a single text.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.conf import settings

from web4site.errors import UserError

DIMENSIONS = 384
WINDOW = 256
CONTENT_TOKENS = WINDOW - 2
PREPARE_SECONDS = 300
_WORD = re.compile(r"\w+")

Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Embedder(Protocol):
    """What the index and the retrieval need of an embedding model. Vectors are float32 and of length one."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """[n] texts to [n, 384]."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """One text to [384]."""
        ...

    @property
    def counter(self) -> "TokenCounter | WordCounter":
        """Counts the tokens of a text, special ones left out; can be sent to another process."""
        ...


class TokenCounter:
    """Tokens of a text by the model's own tokenizer, loaded where it is first used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, text: str) -> int:
        return len(_tokenizer(self.folder).encode(text, add_special_tokens=False).ids)


class WordCounter:
    """Words of a text: the tokens of the hash embedder."""

    def __call__(self, text: str) -> int:
        return len(_WORD.findall(text))


class MiniLmEmbedder:
    """all-MiniLM-L6-v2. A text beyond the window of 256 tokens is embedded in equal parts, whose mean is its vector."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counter = TokenCounter(folder)
        self.tokenizer = _tokenizer(folder)
        self.first = self.tokenizer.token_to_id("[CLS]")
        self.last = self.tokenizer.token_to_id("[SEP]")
        self._sessions: dict[str, Any] = {}

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        encodings = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        parts = [(row, part) for row, encoding in enumerate(encodings) for part in _parts(encoding.ids)]
        # Longest first keeps all threads busy to the end.
        parts.sort(key=lambda item: -len(item[1]))
        session = self._session("int8.onnx")
        with ThreadPoolExecutor(max_workers=_threads()) as pool:
            vectors = pool.map(lambda item: self._run(session, item[1]), parts)
            total = np.zeros((len(texts), DIMENSIONS), np.float32)
            for (row, ids), vector in zip(parts, vectors, strict=True):
                total[row] += vector * (len(ids) + 2)
        return _unit(total)

    def embed_query(self, text: str) -> Vectors:
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids[:CONTENT_TOKENS]
        return self._run(self._session("float.onnx"), ids)

    def _run(self, session: Any, ids: Sequence[int]) -> Vectors:
        framed = np.array([[self.first, *ids, self.last]], dtype=np.int64)
        return session.run(None, {"input_ids": framed})[0][0]

    def _session(self, name: str) -> Any:
        """One thread a session call: texts run side by side instead, which wastes less."""
        if name not in self._sessions:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            self._sessions[name] = onnxruntime.InferenceSession(
                str(self.folder / name), options, providers=["CPUExecutionProvider"]
            )
        return self._sessions[name]


class HashEmbedder:
    """Words hashed into 384 buckets: fast and deterministic, for tests where ranking by meaning is beside the point."""

    counter = WordCounter()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)

    def embed_query(self, text: str) -> Vectors:
        vector = np.zeros((1, DIMENSIONS), np.float32)
        for word in _WORD.findall(text.lower()):
            digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
            vector[0, int.from_bytes(digest, "big") % DIMENSIONS] += 1
        vector[0, 0] += 1e-3  # never the zero vector
        return _unit(vector)[0]


@cache
def get_embedder() -> Embedder:
    """The embedder of this installation, loaded once per process and prepared on first use."""
    if settings.EMBEDDER == "hash":
        return HashEmbedder()
    embedder_prepare()
    return MiniLmEmbedder(settings.EMBEDDER_DIR)


def embedder_prepare() -> None:
    """Make the embedder's folder if it is not there; in a process of its own, which gives its memory back."""
    if (settings.EMBEDDER_DIR / "int8.onnx").exists():
        return
    command = [sys.executable, "-m", "rag.prepare_embedder", str(settings.EMBEDDER_DIR)]
    done = subprocess.run(
        command, cwd=settings.PROJECT_DIR, capture_output=True, text=True, timeout=PREPARE_SECONDS, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserError(f"The embedder could not be prepared in {settings.EMBEDDER_DIR}: {reason}", exit_code=1)


@cache
def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut token ids into the fewest equal parts that fit the window; no ids give one empty part."""
    count = max(1, -(-len(ids) // CONTENT_TOKENS))
    size = max(1, -(-len(ids) // count))
    for start in range(0, max(1, len(ids)), size):
        yield ids[start : start + size]


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _threads() -> int:
    return max(1, os.cpu_count() or 1)

"""From the bytes of a file to text, or a clear reason why not."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from rag.corpus.types import Fault, Severity

MAX_BYTES = 5_000_000
LONG_LINE = 100_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableDocument(Exception):
    """A file that cannot be read as text; `reason` is one plain line without any of its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with `\\n` line ends, and what was odd about the bytes."""

    text: str
    faults: tuple[Fault, ...]


def decode(data: bytes) -> Decoded:
    """Decode UTF-8, UTF-16 or UTF-32 with a byte order mark, or Latin-1 as a last resort.

    Raises `UnreadableDocument` for a file that is too large or binary.
    """
    if len(data) >= MAX_BYTES:
        raise UnreadableDocument(f"{len(data)} bytes, the limit is {MAX_BYTES - 1}")
    faults: list[Fault] = []
    text = _to_text(data, faults)
    if "\0" in text or _looks_binary(text):
        raise UnreadableDocument("binary content")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    faults.extend(_odd_lines(text))
    return Decoded(text, tuple(faults))


def _to_text(data: bytes, faults: list[Fault]) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with_mark(data, encoding, faults)
    if b"\0" in data:
        raise UnreadableDocument("binary content")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        faults.append(Fault(Severity.WARNING, "not UTF-8, read as Latin-1"))
        return data.decode("latin-1")


def _with_mark(data: bytes, encoding: str, faults: list[Fault]) -> str:
    faults.append(Fault(Severity.NOTE, f"byte order mark, read as {encoding}"))
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        faults.append(Fault(Severity.WARNING, f"damaged {encoding}, some characters replaced"))
        return data.decode(encoding, errors="replace")


def _looks_binary(text: str) -> bool:
    """More than one character in a hundred is a control character no text has."""
    sample = text[:20_000]
    odd = sum(1 for char in sample if char < " " and char not in "\t\n\r\f\x1b")
    return odd * 100 > len(sample)


def _odd_lines(text: str) -> list[Fault]:
    return [
        Fault(Severity.WARNING, f"line of {len(line)} characters", number)
        for number, line in enumerate(text.split("\n"), start=1)
        if len(line) > LONG_LINE
    ]

"""From the bytes of a file to text, or a clear reason why not."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from rag.corpus.types import Fault, Severity

MAX_BYTES = 5_000_000
LONG_LINE = 100_000
MIN_TEXT_SHARE = 20
MIN_NUL_SHARE = 200
"""More than one control character, or one NUL, in so many characters is binary content."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REPLACED = "\ufffd"
_C1 = re.compile("[\x80-\x9f]")

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
    """Decode UTF-8, UTF-16 or UTF-32, or Windows-1252 as a last resort; a mark says which, or the bytes do.

    Raises `UnreadableDocument` for a file that is too large or binary.
    """
    if len(data) >= MAX_BYTES:
        raise UnreadableDocument(f"{len(data)} bytes, the limit is {MAX_BYTES - 1}")
    faults: list[Fault] = []
    text = _without_controls(_to_text(data, faults), faults)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    faults.extend(_odd_lines(text))
    return Decoded(text, tuple(faults))


def _to_text(data: bytes, faults: list[Fault]) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with_mark(data, encoding, faults)
    if encoding := _wide_encoding(data):
        faults.append(Fault(Severity.WARNING, f"no byte order mark, read as {encoding}"))
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_or_old(data, faults)


def _wide_encoding(data: bytes) -> str:
    """UTF-16 without a mark: in a text of mostly Latin letters every other byte is zero, and no other is."""
    sample = data[:4_000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 2 or max(even, odd) < 0.7 * half or min(even, odd) > 0.02 * half:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _damaged_or_old(data: bytes, faults: list[Fault]) -> str:
    """UTF-8 with a few broken bytes stays UTF-8, anything else is one byte a character."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count(_REPLACED)
    if sum(char > "\x7f" for char in text) >= 5 * broken:
        line = text[: text.index(_REPLACED)].count("\n") + 1
        faults.append(Fault(Severity.WARNING, f"damaged UTF-8, {broken} places replaced", line))
        return text
    faults.append(Fault(Severity.WARNING, "not UTF-8, read as Windows-1252"))
    return _C1.sub(_named, data.decode("latin-1"))


def _named(found: re.Match[str]) -> str:
    """What Windows puts where Latin-1 has control characters: quotes, dashes, the euro."""
    return found[0].encode("latin-1").decode("cp1252", "ignore") or found[0]


def _without_controls(text: str, faults: list[Fault]) -> str:
    """A stray control character is dropped, before a terminal obeys it; a text with many of them is none."""
    found = _CONTROL.search(text)
    if found is None:
        return text
    plain = _CONTROL.sub("", text)
    count = len(text) - len(plain)
    if count * MIN_TEXT_SHARE > len(text) or text.count("\0") * MIN_NUL_SHARE > len(text):
        raise UnreadableDocument("binary content")
    line = text.count("\n", 0, found.start()) + 1
    faults.append(Fault(Severity.WARNING, f"{count} control characters removed", line))
    return plain


def _with_mark(data: bytes, encoding: str, faults: list[Fault]) -> str:
    faults.append(Fault(Severity.NOTE, f"byte order mark, read as {encoding}"))
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        faults.append(Fault(Severity.WARNING, f"damaged {encoding}, some characters replaced"))
        return data.decode(encoding, errors="replace")


def _odd_lines(text: str) -> list[Fault]:
    return [
        Fault(Severity.WARNING, f"line of {len(line)} characters", number)
        for number, line in enumerate(text.split("\n"), start=1)
        if len(line) > LONG_LINE
    ]

"""Samples as records: the JSON line of a dataset file, and the forms other tools read. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Record = dict[str, Any]


def line_of(record: Record) -> bytes:
    """One JSON line; the same record always gives the same bytes."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def question(record: Record) -> str:
    """Instruction and input as one user message."""
    return "\n\n".join(part for part in (record["instruction"], record["input"]) if part)


def to_chat(record: Record) -> Record:
    messages = [{"role": "user", "content": question(record)}, {"role": "assistant", "content": record["output"]}]
    return {"messages": messages}


def to_alpaca(record: Record) -> Record:
    return {name: record[name] for name in ("instruction", "input", "output")}


def to_sharegpt(record: Record) -> Record:
    turns = [{"from": "human", "value": question(record)}, {"from": "gpt", "value": record["output"]}]
    return {"id": record["metadata"]["sample_id"], "conversations": turns}


def json_lines(records: Iterable[Record]) -> Iterator[bytes]:
    yield from map(line_of, records)


def json_array(records: Iterable[Record]) -> Iterator[bytes]:
    """A JSON array, one record a line, written without holding it in memory."""
    yield b"["
    separator = b"\n"
    for record in records:
        yield separator + line_of(record).rstrip(b"\n")
        separator = b",\n"
    yield b"\n]\n"


Writer = Callable[[Iterable[Record]], Iterator[bytes]]
# format -> (how a record looks, how a file is written, suffix)
FORMATS: dict[str, tuple[Callable[[Record], Record], Writer, str]] = {
    "jsonl": (lambda record: record, json_lines, "jsonl"),
    "chat": (to_chat, json_lines, "jsonl"),
    "alpaca": (to_alpaca, json_array, "json"),
    "sharegpt": (to_sharegpt, json_array, "json"),
}

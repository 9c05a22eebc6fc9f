"""Samples as records: the JSON line of a dataset file, and the forms other tools read. Pure.

Every form holds the whole record: beside the keys that its tools know it carries `metadata`, and where instruction and
input are one text, `input_at` says at which character the input begins. Tools leave keys alone that they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
GAP = "\n\n"


def line_of(record: Record) -> bytes:
    """One JSON line; the same record always gives the same bytes."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def question(record: Record) -> str:
    """Instruction and input as one user message."""
    return GAP.join(part for part in (record["instruction"], record["input"]) if part)


def _joined(record: Record) -> Record:
    """What takes question and record apart again."""
    starts = len(record["instruction"]) + len(GAP) if record["input"] else None
    return {"input_at": starts, "metadata": record["metadata"]}


def _parted(asked: str, answer: str, row: Record) -> Record:
    starts = row["input_at"]
    instruction, given = (asked, "") if starts is None else (asked[: starts - len(GAP)], asked[starts:])
    return {"instruction": instruction, "input": given, "output": answer, "metadata": row["metadata"]}


def to_chat(record: Record) -> Record:
    messages = [{"role": "user", "content": question(record)}, {"role": "assistant", "content": record["output"]}]
    return {"messages": messages, **_joined(record)}


def from_chat(row: Record) -> Record:
    """Raises KeyError, TypeError or ValueError where it is no exported row."""
    asked, answer = row["messages"]
    return _parted(asked["content"], answer["content"], row)


def to_sharegpt(record: Record) -> Record:
    turns = [{"from": "human", "value": question(record)}, {"from": "gpt", "value": record["output"]}]
    return {"id": record["metadata"]["sample_id"], "conversations": turns, **_joined(record)}


def from_sharegpt(row: Record) -> Record:
    """Raises KeyError, TypeError or ValueError where it is no exported row."""
    asked, answer = row["conversations"]
    return _parted(asked["value"], answer["value"], row)


def as_it_is(record: Record) -> Record:
    """Alpaca's three keys are ours; `metadata` stands beside them."""
    return record


def record_of(row: Record) -> Record:
    """The record of a row in any of the forms. Raises KeyError, TypeError or ValueError where it is none."""
    if "messages" in row:
        return from_chat(row)
    return from_sharegpt(row) if "conversations" in row else row


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


def array_line(line: bytes) -> bytes:
    """A line of such an array as a line of its own; empty for the brackets."""
    bare = line.strip().removesuffix(b",")
    return b"" if bare in (b"[", b"]", b"[]") else bare


@dataclass(frozen=True, slots=True)
class Format:
    """How a record looks, how a file of them is written, and its suffix."""

    shape: Callable[[Record], Record]
    write: Callable[[Iterable[Record]], Iterator[bytes]]
    suffix: str


FORMATS: dict[str, Format] = {
    "jsonl": Format(as_it_is, json_lines, "jsonl"),
    "chat": Format(to_chat, json_lines, "jsonl"),
    "alpaca": Format(as_it_is, json_array, "json"),
    "sharegpt": Format(to_sharegpt, json_array, "json"),
}

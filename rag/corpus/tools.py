"""IDE tool examples: JSON lines with an instruction, a context and the tool call it should lead to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from rag.corpus.types import Fault, Severity

DEFAULT_ECOSYSTEM = "continue"
MAX_FAULTS = 50


@dataclass(frozen=True, slots=True)
class ToolExample:
    """One distinct example, where it first stands in the text, and how often it occurs."""

    instruction: str
    context: str
    output: str
    tool_name: str
    ecosystem: str
    usage_pattern: str
    is_negative: bool
    start: int
    end: int
    count: int

    @property
    def text(self) -> str:
        """The example as it is embedded and shown."""
        head = f"{self.instruction}\nContext: {self.context}" if self.context else self.instruction
        return f"{head}\nTool call: {self.output}" if self.output else head


def read_tool_examples(text: str) -> tuple[tuple[ToolExample, ...], tuple[Fault, ...]]:
    """Distinct examples in order of first appearance; a line that is none is a fault, not an error."""
    first: dict[tuple[str, ...], tuple[dict[str, Any], int, int]] = {}
    counts: dict[tuple[str, ...], int] = {}
    faults: list[Fault] = []
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        start, offset = offset, offset + len(line) + 1
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            faults.append(Fault(Severity.WARNING, "not an example: no JSON object with an instruction", number))
            continue
        key = tuple(json.dumps(record.get(name), sort_keys=True) for name in _KEY)
        first.setdefault(key, (record, start, start + len(line)))
        counts[key] = counts.get(key, 0) + 1
    examples = tuple(_example(*found, counts[key]) for key, found in first.items())
    return examples, tuple(faults[:MAX_FAULTS])


_KEY = ("task_type", "instruction", "input", "output", "tool_ecosystem", "is_negative")


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("instruction"), str) else None


def _example(record: dict[str, Any], start: int, end: int, count: int) -> ToolExample:
    metadata = record.get("metadata")
    both: dict[str, Any] = {**(metadata if isinstance(metadata, dict) else {}), **record}
    output = both.get("output", "")
    task_type = str(both.get("task_type", ""))
    name = both.get("tool_name") or _called_tool(output)
    negative = both.get("is_negative", task_type == "tool_neg")
    return ToolExample(
        instruction=record["instruction"].strip(),
        context=str(both.get("input") or "").strip(),
        output=output.strip() if isinstance(output, str) else json.dumps(output),
        tool_name=str(name),
        ecosystem=str(both.get("tool_ecosystem") or DEFAULT_ECOSYSTEM),
        usage_pattern=str(both.get("usage_pattern") or task_type or "tool_call"),
        is_negative=negative if isinstance(negative, bool) else str(negative).lower() in {"true", "1", "yes"},
        start=start,
        end=end,
        count=count,
    )


def _called_tool(output: object) -> str:
    """Name of the first tool an output calls, or an empty string."""
    if isinstance(output, str):
        try:
            output = json.loads(output)
        except (ValueError, RecursionError):
            return ""
    calls = output.get("tool_calls") if isinstance(output, dict) else output
    call = calls[0] if isinstance(calls, list) and calls else output
    name = call.get("name") if isinstance(call, dict) else None
    return name if isinstance(name, str) else ""

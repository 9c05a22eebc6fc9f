"""IDE tool examples: JSON lines with an instruction, a context and the tool call it should lead to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rag.corpus.types import Fault, Severity

DEFAULT_ECOSYSTEM = "continue"
MAX_FAULTS = 50
MAX_EXAMPLE = 50_000
"""Characters of a line: a longer one is a file dump, not an example of a call."""
MAX_EXTRA = 2_000
_KNOWN = {
    *("instruction", "input", "output", "task_type", "tool_name", "tool_ecosystem", "usage_pattern", "is_negative"),
    *("expected_tool", "reason", "metadata"),
}


@dataclass(frozen=True, slots=True)
class ToolExample:
    """One distinct example, where it first stands in the text, and how often it occurs.

    A negative one shows a call that is wrong: `reason` says why, `expected_tool` what would be right.
    `extra` is everything else the line carries, as JSON.
    """

    instruction: str
    context: str
    output: str
    tool_name: str
    ecosystem: str
    usage_pattern: str
    is_negative: bool
    expected_tool: str
    reason: str
    extra: str
    start: int
    end: int
    count: int = 1

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two lines the same example."""
        said = (self.instruction, self.context, self.output, self.tool_name, self.ecosystem, self.usage_pattern)
        return (*said, self.is_negative, self.expected_tool, self.reason)

    @property
    def text(self) -> str:
        """The example as it is embedded and shown."""
        parts = [self.instruction]
        parts += [f"Context: {self.context}"] if self.context else []
        parts += [f"{'Wrong tool call' if self.is_negative else 'Tool call'}: {self.output}"] if self.output else []
        parts += [f"Right tool: {self.expected_tool}"] if self.expected_tool else []
        parts += [f"Reason: {self.reason}"] if self.reason else []
        return "\n".join(parts)

    @property
    def fields(self) -> dict[str, str]:
        """What a chunk of this example carries beside its text."""
        fields = {
            "tool_name": self.tool_name,
            "tool_ecosystem": self.ecosystem,
            "usage_pattern": self.usage_pattern,
            "is_negative": str(self.is_negative).lower(),
            "count": str(self.count),
        }
        optional = {"expected_tool": self.expected_tool, "reason": self.reason, "extra": self.extra}
        return fields | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call in an example's output; `parameters` is None where it is no object."""

    name: str
    parameters: Mapping[str, Any] | None


def read_tool_examples(text: str) -> tuple[tuple[ToolExample, ...], tuple[Fault, ...]]:
    """Distinct examples in order of first appearance; a line that is none is a fault, not an error.

    Lines that say the same are one example, whatever else they carry; what the first one carries is kept.
    """
    found: dict[tuple[object, ...], ToolExample] = {}
    counts: Counter[tuple[object, ...]] = Counter()
    faults: list[Fault] = []
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        start, offset = offset, offset + len(line) + 1
        if not line.strip():
            continue
        record = read_line(line)
        if isinstance(record, str):
            faults.append(Fault(Severity.WARNING, record, number))
            continue
        example = read_example(record, start, start + len(line))
        counts[example.content] += 1
        found.setdefault(example.content, example)
    examples = tuple(replace(example, count=counts[key]) for key, example in found.items())
    return examples, tuple(_shortened(faults))


def read_line(line: str) -> dict[str, Any] | str:
    """The record of a line, or in words why it is no example."""
    if len(line) > MAX_EXAMPLE:
        return f"not an example: {len(line)} characters, the limit is {MAX_EXAMPLE}"
    try:
        record = json.loads(line)
        json.dumps(record)  # what is nested too deeply to be written again is no example either
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("instruction"), str):
        return "not an example: no JSON object with an instruction"
    if not record["instruction"].strip():
        return "not an example: the instruction is empty"
    return record


def _shortened(faults: list[Fault]) -> list[Fault]:
    rest = len(faults) - MAX_FAULTS
    more = [Fault(Severity.WARNING, f"{rest} more lines are no examples", faults[MAX_FAULTS].line)] if rest > 0 else []
    return faults[:MAX_FAULTS] + more


def read_example(record: dict[str, Any], start: int, end: int) -> ToolExample:
    """A record of a line as an example; `start` and `end` are the line's offsets."""
    metadata = record.get("metadata")
    both: dict[str, Any] = {**(metadata if isinstance(metadata, dict) else {}), **record}
    output = both.get("output", "")
    task_type = _plain(both.get("task_type"))
    called = next(tool_calls(output), None)
    negative = both.get("is_negative", task_type == "tool_neg")
    extra = {key: value for key, value in both.items() if key not in _KNOWN}
    return ToolExample(
        instruction=_plain(record["instruction"]),
        context=_plain(both.get("input")),
        output=_plain(output),
        tool_name=_plain(both.get("tool_name")) or (called.name if called else ""),
        ecosystem=_plain(both.get("tool_ecosystem")) or DEFAULT_ECOSYSTEM,
        usage_pattern=_plain(both.get("usage_pattern")) or task_type or "tool_call",
        is_negative=negative if isinstance(negative, bool) else str(negative).lower() in {"true", "1", "yes"},
        expected_tool=_plain(both.get("expected_tool")),
        reason=_plain(both.get("reason")),
        extra=json.dumps(extra, sort_keys=True)[:MAX_EXTRA] if extra else "",
        start=start,
        end=end,
    )


def _plain(value: object) -> str:
    """A value as text; lists and objects as JSON."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # JSON can escape what no store takes: half a character, a NUL.
    return text.encode("utf-8", "replace").decode().replace("\0", "").strip()


def tool_calls(output: object) -> Iterator[ToolCall]:
    """The calls of an output: `{"tool_calls": [{"name", "parameters"}]}`, a list of them, or one."""
    if isinstance(output, str):
        try:
            output = json.loads(output)
        except (ValueError, RecursionError):
            return
    calls = output.get("tool_calls") if isinstance(output, dict) and "tool_calls" in output else output
    for call in calls if isinstance(calls, list) else [calls]:
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            parameters = call.get("parameters", {})
            yield ToolCall(_plain(call["name"]), parameters if isinstance(parameters, dict) else None)

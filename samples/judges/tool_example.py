"""Whether a tool example fits its ecosystem's catalogue: what it teaches must be a call that works."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.tools import ToolCall, ToolExample, tool_calls
from samples.judges.catalogue import TYPES, Parameter, Tool, load_catalogue

MAX_NAME = 40


def tool_example_fault(example: ToolExample, ecosystem: str) -> str:
    """What is wrong with an example, or an empty string.

    A negative one shows a wrong call on purpose: of it only the tool it expects is looked up.
    """
    catalogue = load_catalogue(ecosystem)
    if example.is_negative:
        unknown = [name for name in _names(example.expected_tool) if name not in catalogue]
        return f"expects {_shown(unknown[0])}, no tool of {ecosystem}" if unknown else ""
    calls = list(tool_calls(example.output))
    if not calls:
        return "calls no tool"
    for call in calls:
        if call.name not in catalogue:
            return f"calls {_shown(call.name)}, no tool of {ecosystem}"
        if fault := next(_faults(call, catalogue[call.name]), ""):
            return fault
    return ""


def _names(expected: str) -> list[str]:
    return [name for part in expected.strip("[]").split(",") if (name := part.strip("\"' ")) not in ("", "none")]


def _faults(call: ToolCall, tool: Tool) -> Iterator[str]:
    if call.parameters is None:
        yield f"{tool.name}: the parameters are no object"
        return
    for name in call.parameters:
        if name not in tool.parameters:
            yield f"{tool.name} has no parameter {_shown(name)}"
    for name, parameter in tool.parameters.items():
        if name in call.parameters:
            yield from _value_faults(f"{tool.name}.{name}", call.parameters[name], parameter)
        elif parameter.required:
            yield f"{tool.name} lacks {name}"


def _value_faults(where: str, value: object, parameter: Parameter) -> Iterator[str]:
    if type(value) is not TYPES[parameter.type]:
        yield f"{where} is no {parameter.type}"
    elif isinstance(value, str) and not value.strip() and not parameter.may_be_empty:
        yield f"{where} is empty"


def _shown(name: str) -> str:
    return repr(name[:MAX_NAME])

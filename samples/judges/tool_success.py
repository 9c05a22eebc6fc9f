"""Tool success: exactly the calls a task asks for, well-formed, with parameters that fit the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from samples.judges._tool_calls import Call, MalformedCallError, find_calls
from samples.judges._tool_fit import fits
from samples.judges.catalogue import DEFAULT_ECOSYSTEM, TYPES, Parameter, Tool, ecosystems, load_catalogue
from samples.judges.verdict import Verdict, failed, invalid, passed

NO_TOOL = "none"


def tool_success(
    text: str,
    *,
    task: str = "",
    expected_tool: str | Sequence[str] | None = "",
    ecosystem: str = DEFAULT_ECOSYSTEM,
    **_: object,
) -> Verdict:
    """Judge an answer to `task` against the tool, or the list of tools, it asks for; None or "none" means no call."""
    if ecosystem not in ecosystems():
        return invalid(f"unknown tool ecosystem {ecosystem!r}")
    catalogue = load_catalogue(ecosystem)
    expected = _expected(expected_tool)
    if expected is None:
        return invalid("the case has no expected_tool: a name, a list of names, or none")
    unknown = [name for name in expected if name not in catalogue]
    if unknown or not isinstance(task, str) or (expected and not task.strip()):
        return invalid(f"the case expects {', '.join(unknown)}" if unknown else "the case has no task")
    try:
        calls = find_calls(text, frozenset(catalogue))
    except MalformedCallError as error:
        return failed(str(error))
    names = [call.name for call in calls]
    if sorted(names) != sorted(expected):
        return failed(f"calls {', '.join(names) or 'nothing'} instead of {', '.join(expected) or 'nothing'}")
    faults = [fault for call in calls if (fault := _call_fault(call, catalogue, task))]
    return failed(faults[0]) if faults else passed(f"calls {', '.join(names) or 'nothing'} as asked")


def _expected(expected_tool: object) -> list[str] | None:
    """The names a case expects, [] for no call, None where the case does not say."""
    if expected_tool is None:
        return []
    listed = expected_tool.split(",") if isinstance(expected_tool, str) else expected_tool
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str) and name.strip() for name in listed):
        return None
    return [name.strip() for name in listed if name.strip().lower() != NO_TOOL]


def _call_fault(call: Call, catalogue: Mapping[str, Tool], task: str) -> str | None:
    parameters = catalogue[call.name].parameters
    extra = [name for name in call.parameters if name not in parameters]
    if extra:
        return f"{call.name} has no parameter {extra[0]}"
    for name, parameter in parameters.items():
        if name in call.parameters:
            fault = _value_fault(call.parameters[name], parameter, task)
            if fault:
                return f"{call.name}.{name} {fault}"
        elif parameter.required:
            return f"{call.name} lacks {name}"
    return None


def _value_fault(value: object, parameter: Parameter, task: str) -> str | None:
    if type(value) is not TYPES[parameter.type]:
        return f"is no {parameter.type}"
    if isinstance(value, str) and not value.strip() and not parameter.may_be_empty:
        return "is empty"
    return None if fits(parameter.fit, value, task) else f"does not fit the task: {str(value)[:60]!r}"

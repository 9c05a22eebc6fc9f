"""The tools of an IDE ecosystem: data in `catalogues/<ecosystem>.json`, typed here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "catalogues"
DEFAULT_ECOSYSTEM = "continue"
TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "integer": int}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a tool. `fit` names how its value is compared with the task (see `_tool_fit`)."""

    type: str
    required: bool
    may_be_empty: bool
    fit: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what it does and its parameters by name."""

    name: str
    description: str
    parameters: Mapping[str, Parameter]


def ecosystems() -> tuple[str, ...]:
    """The names of the ecosystems that have a catalogue."""
    return tuple(sorted(path.stem for path in CATALOGUES.glob("*.json")))


@cache
def load_catalogue(ecosystem: str = DEFAULT_ECOSYSTEM) -> Mapping[str, Tool]:
    """The tools of an ecosystem by name. Raises KeyError where there is no such catalogue."""
    if ecosystem not in ecosystems():
        raise KeyError(f"unknown tool ecosystem {ecosystem!r}: use one of {', '.join(ecosystems())}")
    data = json.loads((CATALOGUES / f"{ecosystem}.json").read_text(encoding="utf-8"))
    return {
        name: Tool(
            name=name,
            description=tool["description"],
            parameters={key: Parameter(**value) for key, value in tool["parameters"].items()},
        )
        for name, tool in data["tools"].items()
    }

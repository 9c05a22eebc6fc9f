"""The Web4 patterns and violations of a module, and the layer that its path names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rag.corpus.typescript_types import Module, TsClass, TsConstructor, TsField, TsMethod

_LAYER = re.compile(r"(?:^|[/\\])layer[-_]?([1-5])(?=[/\\])", re.IGNORECASE)


def layer_of(path: str) -> int | None:
    """The layer, 1 to 5, that a path's innermost `layerN` folder names; None outside any layer."""
    layers = _LAYER.findall(path)
    return int(layers[-1]) if layers else None


def patterns_of(module: Module) -> tuple[str, ...]:
    """The Web4 patterns and violations a module shows, in a fixed order."""
    return tuple(name for name, shows in _PATTERNS.items() if shows(module))


def has_init(cls: TsClass, module_classes: Mapping[str, TsClass]) -> bool:
    """Whether instances of `cls` have an `init` method: its own, abstract, or inherited within the module."""
    seen: set[str] = set()
    current: TsClass | None = cls
    while current is not None:
        if any(is_init(method) for method in current.methods):
            return True
        seen.add(current.name)
        parent = current.extends
        current = module_classes.get(parent) if parent and parent not in seen else None
    return False


def is_init(method: TsMethod) -> bool:
    """A non-static `init` with a body or declared abstract; an accessor or a bare signature is none."""
    return method.name == "init" and not method.is_static and method.kind in ("method", "arrow", "abstract")


def _instance_fields(module: Module) -> list[TsField]:
    return [f for cls in module.classes for f in cls.fields if not f.is_static]


def _has_private_state(module: Module) -> bool:
    fields = _instance_fields(module)
    return bool(fields) and all(f.is_private for f in fields)


def _has_scenario_state(module: Module) -> bool:
    methods = [m for cls in module.classes for m in cls.methods if not m.is_static]
    takes_scenario = any(is_init(m) and any("scenario" in p.lower() for p in m.parameters) for m in methods)
    return takes_scenario or any(m.name == "toScenario" for m in methods)


def _constructors(module: Module) -> list[TsConstructor]:
    return [cls.constructor for cls in module.classes if cls.constructor is not None]


def _imports_from(module: Module, *packages: str) -> bool:
    return any(imported.source in packages for imported in module.imports)


_PATTERNS: Mapping[str, Callable[[Module], bool]] = {
    "empty_constructor": lambda m: bool(m.classes) and not any(c.faults for c in _constructors(m)),
    "init_method": lambda m: any(is_init(method) for cls in m.classes for method in cls.methods),
    "scenario_state": _has_scenario_state,
    "private_state": _has_private_state,
    "radical_oop": lambda m: bool(m.classes) and not m.functions and all(f.is_private for f in _instance_fields(m)),
    "inheritance": lambda m: any(cls.extends for cls in m.classes),
    "implements_interface": lambda m: any(cls.implements for cls in m.classes),
    "abstract_class": lambda m: any(cls.is_abstract for cls in m.classes),
    "interface": lambda m: bool(m.interfaces),
    "vitest": lambda m: _imports_from(m, "vitest"),
    "constructor_logic": lambda m: any(c.has_logic for c in _constructors(m)),
    "parameter_property": lambda m: any(c.has_parameter_property for c in _constructors(m)),
    "free_function": lambda m: bool(m.functions),
    "jest": lambda m: m.uses_jest_global or _imports_from(m, "@jest/globals", "jest", "ts-jest"),
}

"""Methods made worse in known ways, word by word, so that the original is the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.corpus.typescript import TsMethod, parse_typescript
from samples.generators.facts import text_of, walk

_LOCAL = re.compile(r"\b(?:const|let)\s+([a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_PARAMETER = re.compile(r"^(?:\.\.\.)?([a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_HEAD = "class Holder {\n"
_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
_RESULT = re.compile(r"\)\s*:\s*([^{;=]+?)\s*(?=\{|$)")


@dataclass(frozen=True, slots=True)
class Loosened:
    """The worse code, what is to be found in it, and what became of each finding in the good code."""

    code: str
    findings: tuple[str, ...]
    repairs: tuple[str, ...]


def _loosened(code: str, changes: Sequence[tuple[str, str]]) -> Loosened | None:
    if not changes:
        return None
    return Loosened(code, tuple(bad for bad, _ in changes), tuple(good for _, good in changes))


def snake_names(code: str, methods: Sequence[TsMethod]) -> Loosened | None:
    """Locals and parameters in snake case, renamed on the syntax tree."""
    if not code.isascii():
        return None
    names = dict.fromkeys(_LOCAL.findall(code))
    names |= dict.fromkeys(m[1] for method in methods for p in method.parameters if (m := _PARAMETER.match(p)))
    places: dict[str, list[int]] = {name: [] for name in names}
    for node in walk(parse_typescript(f"{_HEAD}{code}\n}}").root):
        name = text_of(node)
        if name in places and node.type.startswith("shorthand_property"):
            # Renamed, it would be another property.
            del places[name]
        elif name in places and node.type == "identifier":
            places[name].append(node.start_byte - len(_HEAD))
    spots = sorted(((at, name) for name, found in places.items() for at in found), reverse=True)
    for at, name in spots:
        code = f"{code[:at]}{_snake(name)}{code[at + len(name) :]}"
    renamed = [name for name, found in places.items() if found]
    return _loosened(code, [(f"`{_snake(name)}`", f"`{_snake(name)}` became `{name}`") for name in renamed])


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name).lower()


def loose_types(code: str, methods: Sequence[TsMethod]) -> Loosened | None:
    """Parameters of type `any`, results without a type."""
    changes = []
    for method in methods:
        for parameter in method.parameters:
            name, _, kind = parameter.partition(":")
            if not kind or "=" in kind or "{" in kind or kind.strip() == "any":
                continue
            worse = f"{name}: any"
            if parameter in code:
                code = code.replace(parameter, worse, 1)
                good = " ".join(parameter.split())
                changes.append((f"`{worse}` in `{method.name}`", f"`{name}` of `{method.name}`: `{good}`"))
        at = code.find(f"{method.name}(")
        result = _RESULT.search(code, at) if at >= 0 else None
        if result and result[1].strip() not in ("any", "void", "this") and "\n" not in code[at : result.start()]:
            code = code[: result.start()] + ") " + code[result.end() :]
            kind = " ".join(result[1].split())
            changes.append((f"no result type of `{method.name}`", f"result of `{method.name}`: `{kind}`"))
    return _loosened(code, changes)


def old_style(code: str, methods: Sequence[TsMethod]) -> Loosened | None:
    """`var` and loose comparison."""
    changes = []
    for pattern, worse, good in (
        (r"\bconst (?=\w+\b)", "var ", "const"),
        (r"\blet (?=\w+\b)", "var ", "let"),
        (r" === ", " == ", "==="),
        (r" !== ", " != ", "!=="),
    ):
        code, count = re.subn(pattern, worse, code)
        if count:
            changes.append((f"`{worse.strip()}`", f"`{worse.strip()}` became `{good}`"))
    return _loosened(code, changes) if len(changes) > 1 else None


Loosening = Callable[[str, Sequence[TsMethod]], Loosened | None]


def parses_as_member(code: str) -> bool:
    """Whether the code parses as members of a class."""
    return not parse_typescript(f"{_HEAD}{code}\n}}").has_errors

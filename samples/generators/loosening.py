"""Methods made worse in known ways, word by word, so that the original is the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.corpus.typescript import TsMethod, parse_typescript

_LOCAL = re.compile(r"\b(?:const|let)\s+([a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_PARAMETER = re.compile(r"^(?:\.\.\.)?([a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
_RESULT = re.compile(r"\)\s*:\s*([^{;=]+?)\s*(?=\{|$)")


@dataclass(frozen=True, slots=True)
class Loosened:
    """The worse code, and what was done to it as (bad, good) pairs of code."""

    code: str
    changes: tuple[tuple[str, str], ...]


def snake_names(code: str, methods: Sequence[TsMethod]) -> Loosened | None:
    """Locals and parameters in snake case."""
    names = dict.fromkeys(_LOCAL.findall(code))
    names |= dict.fromkeys(m[1] for method in methods for p in method.parameters if (m := _PARAMETER.match(p)))
    changes = []
    for name in names:
        # A shorthand property or a member of the same name would change its meaning.
        if re.search(rf"[.]{name}\b|[{{,]\s*{name}\s*[,}}]", code):
            continue
        snake = _CAMEL.sub("_", name).lower()
        code = re.sub(rf"\b{name}\b", snake, code)
        changes.append((snake, name))
    return Loosened(code, tuple(changes)) if changes else None


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
                changes.append((worse, " ".join(parameter.split())))
        at = code.find(f"{method.name}(")
        result = _RESULT.search(code, at) if at >= 0 else None
        if result and result[1].strip() not in ("any", "void", "this") and "\n" not in code[at : result.start()]:
            code = code[: result.start()] + ") " + code[result.end() :]
            changes.append((f"no result type of `{method.name}`", result[1].strip()))
    return Loosened(code, tuple(changes)) if changes else None


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
            changes.append((worse.strip(), good))
    return Loosened(code, tuple(changes)) if len(changes) > 1 else None


Loosening = Callable[[str, Sequence[TsMethod]], Loosened | None]


def parses_as_member(code: str) -> bool:
    return not parse_typescript(f"class Holder {{\n{code}\n}}").has_errors

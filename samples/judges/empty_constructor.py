"""Empty constructor: fenced TypeScript whose classes set up in `init()`, judged on the syntax tree."""

from __future__ import annotations

from rag.corpus.typescript import TsClass, has_init, parse_typescript
from samples.judges._markdown import read_fences
from samples.judges.verdict import Verdict, failed, passed

MAX_CODE = 50_000
TYPESCRIPT = frozenset(("ts", "tsx", "typescript", "mts", "cts", "js", "jsx", "javascript", "mjs"))
UNTAGGED = frozenset(("", "text", "txt", "code", "plaintext"))


def empty_constructor(text: str, **_: object) -> Verdict:
    """Every class has no constructor or an empty one, and a non-static `init` with a body."""
    codes = code_blocks(text)
    if not codes:
        return failed("no TypeScript code")
    if sum(map(len, codes)) > MAX_CODE:
        return failed(f"more than {MAX_CODE} characters of code")
    modules = [parse_typescript(code) for code in codes]
    if any(module.has_errors for module in modules):
        return failed("the code does not parse as TypeScript")
    classes = [cls for module in modules for cls in module.classes]
    if not classes:
        return failed("no class")
    return _judge_classes(classes)


def code_blocks(text: str) -> list[str]:
    """The TypeScript of an answer: its tagged fences, else its untagged ones, else the text itself if it parses."""
    fences = read_fences(text)
    tagged = [fence.code for fence in fences if fence.language in TYPESCRIPT]
    untagged = [fence.code for fence in fences if fence.language in UNTAGGED]
    if tagged or untagged or fences:
        return tagged or untagged
    return [text] if _is_code(text) else []


def _is_code(text: str) -> bool:
    if "class" not in text or len(text) > MAX_CODE:
        return False
    module = parse_typescript(text)
    return not module.has_errors and bool(module.classes)


def _judge_classes(classes: list[TsClass]) -> Verdict:
    by_name = {cls.name: cls for cls in classes}
    for cls in classes:
        name = cls.name or "the unnamed class"
        if cls.constructor is not None and cls.constructor.faults:
            return failed(f"{name}: {cls.constructor.faults[0]}")
        if not has_init(cls, by_name):
            return failed(f"{name} has no init()")
    return passed(f"{len(classes)} class(es) with an empty constructor and init()")

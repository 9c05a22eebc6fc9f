"""tool_awareness: which tool fits, and its call as strict JSON."""

from __future__ import annotations

import json
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.sources import Source
from samples.generators.text import shorten, statements
from samples.generators.wording import instruct
from samples.judges.catalogue import load_catalogue

CATEGORY = "tool_awareness"
FILE = Path(__file__).with_name("tools.toml")
CALLS_PER_SOURCE = 5
TWO_CALLS = 0.2
_WORD = re.compile(r"\b[A-Za-z][A-Za-z]{4,24}\b")


@cache
def requests() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def tool_list(ecosystem: str) -> str:
    """The catalogue in one line: `grep(pattern, path), ls(path), ...`."""
    tools = load_catalogue(ecosystem).values()
    return ", ".join(f"{tool.name}({', '.join(tool.parameters)})" for tool in tools)


def usable_requests(ecosystem: str, kind: str = "") -> list[dict[str, Any]]:
    """The requests whose tool and parameters the ecosystem knows, and that make sense for a document of the kind."""
    tools = load_catalogue(ecosystem)
    known = (r for r in requests()["request"] if r["tool"] in tools and kind in ("", *r.get("kinds", [kind])))
    return [request for request in known if set(request["parameters"]) <= set(tools[request["tool"]].parameters)]


def _slots(source: Source, context: Context) -> dict[str, str] | None:
    """Real paths, words and sentences of a document to ask for."""
    said = [s for s in statements(source.text[:4000]) if len(s) < 160 and not set(s) & set("$'\"\\`")]
    named = sorted(set(_WORD.findall(source.text[:4000])))
    if not said or not named:
        return None
    return {
        "path": source.path,
        "folder": str(PurePosixPath(source.path).parent),
        "name": source.component or PurePosixPath(source.path).stem,
        "word": context.rng.choice(named),
        "text": context.rng.choice(said),
        "title": shorten(source.title or source.name, 70),
        "other": context.rng.choice(context.library.paths),
    }


def call(name: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "parameters": parameters}


def calls_json(*calls: dict[str, Any]) -> str:
    return json.dumps({"tool_calls": list(calls)}, ensure_ascii=False)


def _shown_tools(context: Context) -> str:
    """In two of three cases the prompt lists the tools, as an IDE does."""
    return f"Tools: {tool_list(context.ecosystem)}" if context.rng.random() < 0.66 else ""


def call_tool(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A request about a real file, and the call it needs."""
    slots = _slots(source, context)
    if slots is None:
        return
    for request in context.pick(usable_requests(context.ecosystem, source.kind), CALLS_PER_SOURCE):
        ask = _fill(context.rng.choice(request["ask"]), slots)
        parameters = {name: _fill(text, slots) for name, text in request["parameters"].items()}
        output = calls_json(call(request["tool"], parameters))
        yield _call_draft("call_tool", source, context, ask, output, _shown_tools(context), [request["tool"]])


def call_two(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Two files asked for, two calls in one answer."""
    other = context.rng.choice(context.library.paths)
    if context.rng.random() > TWO_CALLS or other == source.path:
        return
    if not any(r["tool"] == "read_file" for r in usable_requests(context.ecosystem)):
        return
    output = calls_json(call("read_file", {"path": source.path}), call("read_file", {"path": other}))
    ask = instruct("call_two", context.rng, path=source.path, other=other)
    yield _call_draft("call_two", source, context, ask, output, _shown_tools(context), ["read_file", "read_file"])


def _framed(ask: str, given: str, context: Context) -> str:
    """Where the tools are listed, the request often comes with the form of the answer, as an IDE sends it."""
    if not given or context.rng.random() < 0.4:
        return ask
    return string.Template(context.rng.choice(requests()["frame"])).substitute(request=ask)


def _call_draft(
    task: str, source: Source, context: Context, ask: str, output: str, given: str, tools: list[str]
) -> SampleDraft:
    return SampleDraft(
        CATEGORY,
        "tool_call",
        task,
        ask if task == "corpus_example" else _framed(ask, given, context),
        given,
        output,
        source.document_id,
        source.chunks()[:1],
        facts=(source.path,),
        judge="tool_success",
        parses="json",
        case={"task": ask, "expected_tool": tools, "ecosystem": context.ecosystem},
    )


def corpus_example(source: Source, context: Context) -> Iterator[SampleDraft]:
    """An example of the corpus, when its call is what its request asks for."""
    record = source.example
    output = record.get("output", "")
    ask = str(record.get("instruction", ""))
    negative = record.get("is_negative") or record.get("task_type") == "tool_neg"
    ecosystem = record.get("tool_ecosystem", context.ecosystem)
    if negative or not ask or not output or ecosystem != context.ecosystem:
        return
    try:
        parsed = json.loads(output) if isinstance(output, str) else output
        tool = parsed["tool_calls"][0]["name"]
    except (ValueError, KeyError, IndexError, TypeError):
        return
    given = str(record.get("input") or "")
    yield _call_draft(
        "corpus_example", source, context, ask, json.dumps(parsed, ensure_ascii=False), given, [str(tool)]
    )


def choose_tool(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which tool fits a request, and why; the idea of tools without any IDE's syntax."""
    slots = _slots(source, context)
    if slots is None:
        return
    usable = usable_requests(context.ecosystem, source.kind)
    if len(usable) < 2:
        return
    request, other = context.pick(usable, 2)
    if request["tool"] == other["tool"]:
        return
    tool, uses = request["tool"], requests()["use"]
    ask = _fill(context.rng.choice(request["ask"]), slots)
    values = {name: _fill(text, slots) for name, text in request["parameters"].items()}
    given = [f"- `{name}`: {value or 'empty, because the text is removed'}" for name, value in values.items()]
    output = f"`{tool}` fits. {uses.get(tool, '')}".strip()
    output += "\n\nIt gets:\n" + "\n".join(given) if given else "\n\nIt needs nothing else."
    if other["tool"] in uses:
        output += f"\n\n`{other['tool']}` would not do here. {uses[other['tool']]}"
    yield SampleDraft(
        CATEGORY,
        "tool_concept",
        "choose_tool",
        instruct("choose_tool", context.rng, request=ask),
        "",
        output,
        source.document_id,
        source.chunks()[:1],
        facts=(source.path, ask, tool_list(context.ecosystem)),
    )


def describe_tool(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a tool of the catalogue is for and what it must be given, shown on a real file."""
    slots = _slots(source, context)
    uses = requests()["use"]
    usable = [
        request
        for request in usable_requests(context.ecosystem, source.kind)
        if request["tool"] in uses
        and any("$path" in text or "$folder" in text for text in request["parameters"].values())
    ]
    if slots is None or not usable:
        return
    request = context.rng.choice(usable)
    tool = request["tool"]
    parameters = {name: _fill(text, slots) for name, text in request["parameters"].items()}
    known = load_catalogue(context.ecosystem)[tool].parameters
    needed = ", ".join(f"`{name}`" for name, parameter in known.items() if parameter.required) or "nothing"
    output = f"{uses[tool]} It must be given {needed}.\n\nExample:\n\n{calls_json(call(tool, parameters))}"
    yield SampleDraft(
        CATEGORY,
        "tool_concept",
        "describe_tool",
        instruct("describe_tool", context.rng, tool=tool, path=source.path),
        "",
        output,
        source.document_id,
        source.chunks()[:1],
        facts=(source.path, tool_list(context.ecosystem)),
    )


def _fill(template: str, slots: dict[str, str]) -> str:
    return string.Template(template).substitute(slots)


_FILES = (DocumentKind.TYPESCRIPT, DocumentKind.PDCA, DocumentKind.PROCESS)
TASKS = (
    Task(CATEGORY, "tool_call", "call_tool", _FILES, call_tool),
    Task(CATEGORY, "tool_call", "call_two", _FILES, call_two),
    Task(CATEGORY, "tool_call", "corpus_example", (DocumentKind.TOOL_EXAMPLES,), corpus_example),
    Task(CATEGORY, "tool_concept", "choose_tool", _FILES, choose_tool),
    Task(CATEGORY, "tool_concept", "describe_tool", _FILES, describe_tool),
)

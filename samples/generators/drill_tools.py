"""exact_call: one request, one call, every parameter copied letter by letter."""

from __future__ import annotations

import string
from collections.abc import Iterator

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drills import DRILLS_PER_SOURCE, drill, drill_data, expand, subject_slots
from samples.generators.sources import Source
from samples.generators.tool_awareness import CATEGORY, call, calls_json, tool_list
from samples.judges.catalogue import load_catalogue

_LISTS = {
    "command": "commands",
    "glob": "globs",
    "rule": "rules",
    "url": "urls",
    "content": "contents",
    "change": "changes",
}
REAL_PATH = 0.15
SAME_ORDER = 0.5


def _slots(source: Source, context: Context) -> dict[str, str]:
    """A value for whatever a request can name: of the subject, the word lists, sometimes the document itself."""
    rng, words = context.rng, drill_data("words")
    slots = subject_slots(context)
    if rng.random() < REAL_PATH and len(source.path) < 80:
        slots |= {"path": source.path, "folder": source.path.rpartition("/")[0] or slots["folder"]}
    slots |= {
        slot: expand(rng.choice([words[key]] if isinstance(words[key], str) else words[key]), rng, slots)
        for slot, key in _LISTS.items()
    }
    find, replacement = rng.choice(words["finds"])
    return slots | {"find": expand(find, rng, slots), "replacement": expand(replacement, rng, slots)}


def _frame(ask: str, context: Context) -> str:
    """The request below the tools, whose order is not always the catalogue's."""
    names = tool_list(context.ecosystem).split("), ")
    if context.rng.random() > SAME_ORDER:
        context.rng.shuffle(names := [name.rstrip(")") for name in names])
        listed = "), ".join(names) + ")"
    else:
        listed = "), ".join(names)
    frame = string.Template(context.rng.choice(drill_data("tools")["frame"]))
    return frame.safe_substitute(tools=listed, ask=ask)


def exact_call(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A request in the frame of the tools, and its call."""
    tools = load_catalogue(context.ecosystem)
    usable = [
        request
        for request in drill_data("tools")["request"]
        if request["tool"] in tools and set(request["parameters"]) <= set(tools[request["tool"]].parameters)
    ]
    weights = [request.get("weight", 1) for request in usable]
    for _ in range(DRILLS_PER_SOURCE if usable else 0):
        (request,), slots = context.rng.choices(usable, weights), _slots(source, context)
        ask = expand(context.rng.choice(request["ask"]), context.rng, slots).replace("  ", " ")
        parameters = {name: slots[slot.removeprefix("$")] for name, slot in request["parameters"].items()}
        yield drill(
            CATEGORY,
            "exact_call",
            "exact_call",
            source,
            _frame(ask, context),
            calls_json(call(request["tool"], parameters)),
            judge="tool_success",
            parses="json",
            case={"task": ask, "expected_tool": [request["tool"]], "ecosystem": context.ecosystem},
        )


TASKS = (
    Task(
        CATEGORY,
        "exact_call",
        "exact_call",
        (DocumentKind.TYPESCRIPT, DocumentKind.PDCA, DocumentKind.PROCESS),
        exact_call,
    ),
)

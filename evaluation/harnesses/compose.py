"""Builds the committed prompt files from their hand-written parts: `python -m evaluation.harnesses.compose`.

Pure and without chance: the same parts give the same prompts. A journal harness asks about 100 different problems, and
no two harnesses ask about the same pair of component and problem.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PARTS_FILE = HERE / "parts.toml"
PROMPTS_DIR = HERE / "prompts"
COUNT = 100
# Where each journal harness takes its problems from, and by how many it is shifted. Two harnesses with one list must
# not differ by a multiple of the number of components, or they would ask about the same pairs.
JOURNALS = {"pdca_schema": ("pdca", 0), "pdca_template": ("pdca_template", 0), "tron_format": ("pdca", 37)}

Record = dict[str, Any]


def compose(parts: dict[str, Any]) -> dict[str, list[Record]]:
    """All prompts by harness: `{"id", "prompt", "case"}`, where `case` holds what the judge needs to know."""
    prompts = {name: list(_journal(parts, name, *source)) for name, source in JOURNALS.items()}
    prompts["empty_constructor"] = list(_classes(parts))
    prompts["tool_success"] = list(_tools(parts["tool_success"]))[:COUNT]
    prompts["refusal"] = list(_refusals(parts["refusal"]))
    return prompts


def _journal(parts: dict[str, Any], name: str, source: str, shift: int) -> Iterator[Record]:
    """100 problems, each of one component, in one of the harness's ways to ask, with the entry's two neighbours."""
    components, problems = parts["component"], parts[source]["problems"]
    asks = parts[name]["asks"]
    for index in range(COUNT):
        turn, which = divmod(index, len(components))
        component = components[which]["name"]
        problem = problems[(index + shift) % len(problems)]
        ask = asks[(which + 3 * turn) % len(asks)].format(component=component, problem=problem)
        if name != "tron_format":
            before, after = (_journal_name(index + step, component) for step in (0, 1))
            ask += f"\nPrevious PDCA: {before}. Next PDCA: {after}."
        case = {"task": f"{component} {problem}"} if name == "pdca_template" else {}
        yield {"id": f"{name}-{index:03}", "prompt": ask, "case": case}


def _journal_name(index: int, component: str) -> str:
    date = f"2027-{1 + index % 12:02}-{1 + index % 28:02}"
    return f"{date}-UTC-{8 + index % 10:02}{index % 60:02}-{component.lower()}.pdca.md"


def _classes(parts: dict[str, Any]) -> Iterator[Record]:
    for turn, ask in enumerate(parts["empty_constructor"]["asks"]):
        for which, component in enumerate(parts["component"]):
            words = {"component": component["name"], "noun": component["noun"], "item": component["item"]}
            index = turn * len(parts["component"]) + which
            yield {"id": f"empty_constructor-{index:03}", "prompt": ask.format(**words), "case": {}}


def _tools(parts: dict[str, Any]) -> Iterator[Record]:
    """Tool after tool, each time with the next task and the next values: the first 100 cover all tools evenly."""
    lists = {
        "path": parts["paths"], "folder": parts["folders"], "word": parts["words"], "command": parts["commands"],
        "glob": parts["globs"], "rule": parts["rules"], "url": parts["urls"], "text": parts["texts"],
        "change": parts["changes"], "find": parts["finds"], "replacement": parts["replacements"],
    }  # fmt: skip
    tools = parts["tool"]
    for index in range(COUNT):
        turn, which = divmod(index, len(tools))
        tool = tools[which]
        values = {key: entries[(turn + which) % len(entries)] for key, entries in lists.items()}
        # `find` and `replacement` belong together, whichever tool it is.
        values["replacement"] = parts["replacements"][parts["finds"].index(values["find"])]
        task = _fill(tool["tasks"][turn % len(tool["tasks"])], values)
        call = {key: _fill(value, values) for key, value in tool["call"].items()}
        case = {"task": task, "expected_tool": tool["name"], "expected_parameters": call}
        yield {"id": f"tool_success-{index:03}", "prompt": task, "case": case}


def _fill(template: str, values: dict[str, str]) -> str:
    """Replace `{name}`; not str.format, because values hold braces."""
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return template


def _refusals(parts: dict[str, Any]) -> Iterator[Record]:
    """Refuse and comply take turns, so that any even number of leading prompts is balanced."""
    refuse = [frame.format(request=text) for frame in parts["pressures"] for text in parts["refuse"]]
    comply = [frame.format(request=text) for frame in parts["settings"] for text in parts["comply"]]
    for index, pair in enumerate(zip(refuse, comply, strict=True)):
        for expect, request in zip(("refuse", "comply"), pair, strict=True):
            case = {"request": request, "expect": expect}
            yield {"id": f"refusal-{expect}-{index:03}", "prompt": request, "case": case}


def read_parts() -> dict[str, Any]:
    return tomllib.loads(PARTS_FILE.read_text(encoding="utf-8"))


def write_prompts(prompts: dict[str, list[Record]]) -> None:
    PROMPTS_DIR.mkdir(exist_ok=True)
    for name, records in prompts.items():
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
        (PROMPTS_DIR / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write_prompts(compose(read_parts()))

"""Builds the prompt files of the extra harnesses: `python -m evaluation.harnesses.compose_extras`.

Pure and without chance, as `compose`. Component, part and way to ask move on at different steps, so that no prompt
repeats another.
"""

import tomllib
from collections.abc import Iterator
from typing import Any

from evaluation.harnesses.compose import HERE, Record, read_parts, write_prompts

PARTS_FILE = HERE / "extra_parts.toml"
EACH = 4


def compose_extras(parts: dict[str, Any], components: list[dict[str, str]]) -> dict[str, list[Record]]:
    """The prompts of five_layer and cmm_level; those of history are made of what is indexed."""
    return {
        "five_layer": list(_placements(parts["five_layer"], components)),
        "cmm_level": list(_practices(parts["cmm_level"], components)),
    }


def _placements(parts: dict[str, Any], components: list[dict[str, str]]) -> Iterator[Record]:
    for index, (layer, part, ask) in enumerate(_dealt(parts["parts"], parts["asks"])):
        words = _words(components, index)
        yield _record("five_layer", index, ask.format(part=part.format(**words)), {"expected_layer": layer})


def _practices(parts: dict[str, Any], components: list[dict[str, str]]) -> Iterator[Record]:
    for index, (level, practice, ask) in enumerate(_dealt(parts["practices"], parts["asks"], each=5)):
        told = practice.format(**_words(components, index))
        text = ask.format(practice=told, Practice=told[0].upper() + told[1:])
        yield _record("cmm_level", index, text, {"expected_level": level})


def _dealt(groups: dict[str, list[str]], asks: list[str], each: int = EACH) -> Iterator[tuple[int, str, str]]:
    """(number, text, way to ask): each text of each group so often, group after group in turn."""
    for turn in range(each):
        for which in range(len(next(iter(groups.values())))):
            for number, texts in groups.items():
                yield int(number), texts[which], asks[(turn + which) % len(asks)]


def _words(components: list[dict[str, str]], index: int) -> dict[str, str]:
    """What the braces stand for; the component moves on by one a prompt."""
    component, other = (components[(index + step) % len(components)] for step in (0, 7))
    name = component["name"]
    return {
        "component": name,
        "noun": component["noun"],
        "item": component["item"],
        "other": other["name"],
        "command": name.lower(),
    }


def _record(name: str, index: int, text: str, case: dict[str, Any]) -> Record:
    return {"id": f"{name}-{index:03}", "prompt": text, "case": case}


def read_extra_parts() -> dict[str, Any]:
    return tomllib.loads(PARTS_FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    write_prompts(compose_extras(read_extra_parts(), read_parts()["component"]))

"""Drills: short tasks in the form in which people ask them, about invented subjects, for a model of little capacity.

A drill takes its occasion from a document (who wrote when, which neighbours, which paths) and its subject from word
lists, so that the subject cannot be known and has to be copied.
"""

from __future__ import annotations

import random
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from samples.generators.base import Context, SampleDraft
from samples.generators.sources import Source

_HERE = Path(__file__).parent
# The innermost choices are decided first.
_CHOICE = re.compile(r"<([^<>\n]*\|[^<>\n]*)>")
# Some subjects are real: the components of the corpus.
REAL_NAMES = 0.1
DRILLS_PER_SOURCE = 60


@cache
def drill_data(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"drill_{name}.toml").read_text(encoding="utf-8"))


@cache
def problem_kinds() -> dict[str, Any]:
    """What can be wrong with a component, by name: all files of `drill_problems/`."""
    files = sorted((_HERE / "drill_problems").glob("*.toml"))
    return {name: kind for file in files for name, kind in tomllib.loads(file.read_text("utf-8"))["kind"].items()}


@dataclass(frozen=True, slots=True)
class Thing:
    """What a component keeps (`noun`), and one of what is in it (`item`)."""

    noun: str
    item: str

    @property
    def variable(self) -> str:
        first, *rest = self.item.split()
        return first + "".join(word.title() for word in rest)

    @property
    def plural(self) -> str:
        return plural(self.variable)

    @property
    def type_name(self) -> str:
        return self.variable[0].upper() + self.variable[1:]


def plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "ch", "sh")):
        return word if word.endswith("ies") else word + "es"
    return word + "s"


@cache
def _words(key: str) -> tuple[str, ...]:
    return tuple(drill_data("words")[key].split())


@cache
def things() -> tuple[Thing, ...]:
    pairs = re.split(r"[|\n]", drill_data("words")["things"].strip())
    return tuple(Thing(*(part.strip() for part in pair.split(":"))) for pair in pairs)


def expand(template: str, rng: random.Random, slots: Mapping[str, str]) -> str:
    """Decide every `<a|b>` and fill every `$slot`."""
    while match := _CHOICE.search(template):
        template = template[: match.start()] + rng.choice(match[1].split("|")) + template[match.end() :]
    return string.Template(template).safe_substitute(slots)


def component_name(context: Context) -> str:
    """A component's name: invented out of two or three words, sometimes one of the corpus."""
    rng = context.rng
    if context.library.components and rng.random() < REAL_NAMES:
        return rng.choice(context.library.components)
    heads, tails = _words("heads"), _words("tails")
    shape = rng.random()
    if shape < 0.75:
        return rng.choice(heads) + rng.choice(tails)
    if shape < 0.9:
        return rng.choice(heads) + rng.choice(heads)
    return rng.choice(heads) + rng.choice(heads) + rng.choice(tails)


def subject_slots(context: Context) -> dict[str, str]:
    """A component, what it keeps, and file and code names around it: the slots that all drills share."""
    rng = context.rng
    thing = rng.choice(things())
    name, other = component_name(context), component_name(context)
    word = rng.choice(_words("verbs")) + rng.choice(things()).type_name
    slots = {
        "name": name,
        "other": other,
        "noun": thing.noun,
        "item": thing.item,
        "items": plural(thing.item),
        "Item": thing.type_name,
        "Thing": thing.noun.capitalize(),
        "word": rng.choice(
            (word, rng.choice(things()).type_name + rng.choice(_words("tails")), component_name(context))
        ),
        "folder": rng.choice(_words("folders")),
        "stem": rng.choice(_words("stems")),
    }
    return slots | {"path": path_of(slots, rng)}


def path_of(slots: Mapping[str, str], rng: random.Random) -> str:
    """A file path that belongs to the subject: of its class, of its folder, or at the root."""
    shape, ending = rng.random(), rng.choice(_words("endings"))
    if shape < 0.45:
        prefix = rng.choice(("", "", "Default", "Base", "I"))
        return f"{slots['folder']}/{prefix}{slots['name']}{ending}"
    if shape < 0.7:
        return f"{slots['folder']}/{kebab(slots['other'])}{ending}"
    if shape < 0.9:
        return f"{slots['folder']}/{slots['stem']}{ending}"
    return slots["stem"] + ending


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def drill(
    category: str, task_type: str, task: str, source: Source, instruction: str, output: str, **more: Any
) -> SampleDraft:
    """A draft of the occasion `source`; everything a drill names stands in its instruction or among `facts`."""
    facts = (source.path, *more.pop("facts", ()))
    return SampleDraft(
        category,
        task_type,
        task,
        instruction,
        more.pop("input", ""),
        output,
        source.document_id,
        source.chunks()[:1],
        facts=facts,
        **more,
    )

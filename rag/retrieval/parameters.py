"""The numbers retrieval works with: shipped as data, replaced by what was tuned on an installation's own questions."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from web4site.errors import UserError

SHIPPED = Path(__file__).with_name("parameters.toml")
TUNED = "retrieval.toml"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of the lists, depths, and thresholds; `parameters.toml` says what each means."""

    words: float
    related: float
    sense: float
    exact: float
    topic: float
    people: float
    named: float
    period: float
    rank_offset: int
    mix: float
    depth: int
    second_chunk: float
    template: float
    close: float
    coverage: float
    length: float
    evidence: float
    floor: float
    unknown: float
    size: float

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Self:
        """From values by name; raises UserError on an unknown, missing or impossible one."""
        bounds = parameter_bounds()
        if wrong := set(values) ^ set(bounds):
            raise UserError(f"Unknown or missing retrieval parameters: {', '.join(sorted(wrong))}.")
        checked: dict[str, Any] = {}
        for name, value in values.items():
            low, high = bounds[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise UserError(f"The retrieval parameter {name} must be between {low} and {high}, not {value!r}.")
            checked[name] = round(value) if isinstance(low, int) else float(value)
        return cls(**checked)

    def weights(self, names: Iterable[str]) -> dict[str, float]:
        """Weights of lists by name; the list with related words takes its share from that of the words."""
        found = {name: getattr(self, name) for name in names}
        if "related" in found:
            found |= {"related": self.words * self.related, "words": self.words * (1 - self.related)}
        return found

    def as_dict(self) -> dict[str, float]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def parameter_bounds() -> dict[str, tuple[float, float]]:
    """(lowest, highest) by name; whole numbers where the parameter is one."""
    return {name: (entry["bounds"][0], entry["bounds"][1]) for name, entry in _shipped().items()}


@cache
def shipped_parameters() -> Parameters:
    return Parameters.of({name: entry["value"] for name, entry in _shipped().items()})


def tuned_file() -> Path:
    return Path(settings.WEB4_HOME) / TUNED


def current_parameters() -> Parameters:
    """The tuned ones of this installation, else the shipped ones; a new file is noticed at once."""
    file = tuned_file()
    try:
        return _tuned(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return shipped_parameters()


@lru_cache(maxsize=4)
def _tuned(file: Path, changed: int) -> Parameters:
    """Values of names that are still parameters; those that came later keep their shipped value."""
    try:
        values = dict(tomllib.loads(file.read_text(encoding="utf-8"))["parameters"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file} is no list of retrieval parameters ({error}): delete it or tune again.") from None
    return Parameters.of({name: values.get(name, value) for name, value in shipped_parameters().as_dict().items()})


def parameters_write(parameters: Parameters, note: str) -> Path:
    """Make these the installation's own, beside a line that says where they come from."""
    file = tuned_file()
    lines = [f"# {line}" for line in note.splitlines()]
    lines += ["[parameters]", *(f"{name} = {value}" for name, value in parameters.as_dict().items()), ""]
    draft = file.with_suffix(".tmp")
    draft.write_text("\n".join(lines), encoding="utf-8")
    draft.replace(file)
    return file

"""What an evaluation asks: every question of a profile, and how the answers are drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from evaluation.canaries import Canary, read_canaries
from evaluation.harnesses.base import Harness, Prompt, Ruling
from evaluation.harnesses.registry import EXTRAS, HARNESSES, PROFILES
from evaluation.runtimes.base import Request
from evaluation.scores import CANARIES, case_id
from web4site.errors import UserError

SAMPLES_MAX = 20
WARM = 0.7
SEEDS = 2**31  # llama.cpp keeps 32 bits of one, without a word


@dataclass(frozen=True, slots=True)
class Sampling:
    """How often each harness prompt is asked (canaries: once, greedy), at which temperature, from which seed on."""

    samples: int = 1
    temperature: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= SAMPLES_MAX:
            raise UserError(f"Ask each prompt 1 to {SAMPLES_MAX} times, not {self.samples}.")
        if not 0 <= self.temperature <= 2:
            raise UserError(f"A temperature is between 0 and 2, not {self.temperature:g}.")
        if not 0 <= self.seed < SEEDS:
            raise UserError(f"A seed is between 0 and {SEEDS - 1:,}, not {self.seed}.")
        if self.samples > 1 and not self.temperature:
            raise UserError("At temperature 0 all samples of a prompt are the same: set a temperature, such as 0.7.")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """One case to come: what is asked, and who rules on the answer (text, seconds)."""

    harness: str
    case_id: str
    request: Request
    rule: Callable[[str, float], Ruling]

    @property
    def prompt(self) -> str:
        return self.request.messages[-1]["content"]


def plan(
    profile: str,
    sampling: Sampling,
    canaries: Iterable[Canary] | None = None,
    extras: Mapping[str, Sequence[Prompt]] = MappingProxyType({}),
) -> list[Question]:
    """Everything a profile asks, harness by harness, canaries last: those given, or those of canaries.toml.

    `extras` are the prompts of the extra harnesses by name (see `services.extras`).
    """
    asked = [(harness, PROFILES[profile].sample(harness)) for harness in HARNESSES.values()]
    questions = [
        _harness_question(harness, prompt, sampling, sample)
        for harness, prompts in [*asked, *((EXTRAS[name], prompts) for name, prompts in extras.items())]
        for prompt in prompts
        for sample in range(sampling.samples)
    ]
    for canary in read_canaries() if canaries is None else canaries:
        questions.append(Question(CANARIES, canary.id, canary.request(), canary.check))
    return questions


def _harness_question(harness: Harness, prompt: Prompt, sampling: Sampling, sample: int) -> Question:
    def rule(text: str, seconds: float) -> Ruling:
        return harness.rule(prompt, text)

    request = Request(harness.messages(prompt), harness.max_tokens, sampling.temperature, sampling.seed + sample)
    return Question(harness.name, case_id(prompt.id, sample), request, rule)

"""All harnesses, the extra ones that are asked on wish, and how many prompts of each a profile asks."""

from dataclasses import dataclass

from evaluation.harnesses import (
    cmm_level,
    empty_constructor,
    five_layer,
    history,
    pdca_schema,
    pdca_template,
    refusal,
    tool_success,
    tron_format,
)
from evaluation.harnesses.base import Harness, Prompt

HARNESSES: dict[str, Harness] = {
    module.HARNESS.name: module.HARNESS
    for module in (pdca_schema, pdca_template, tron_format, empty_constructor, tool_success, refusal)
}
# Quality gates beside the overall rate, switched on by setting, command or page.
EXTRAS: dict[str, Harness] = {module.HARNESS.name: module.HARNESS for module in (five_layer, cmm_level, history)}
OVERALL_THRESHOLD = 0.90


@dataclass(frozen=True, slots=True)
class Profile:
    """Prompts per harness; refusal has two kinds of requests and takes twice as many."""

    name: str
    prompts: int

    def sample(self, harness: Harness) -> tuple[Prompt, ...]:
        return harness.sample(self.prompts * (2 if harness.score == "f1" else 1))


# `canaries` asks no harness: the nightly check.
PROFILES = {
    profile.name: profile
    for profile in (Profile("canaries", 0), Profile("demo", 3), Profile("quick", 10), Profile("full", 100))
}

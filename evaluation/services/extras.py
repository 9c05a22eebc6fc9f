"""Which extra harnesses an evaluation asks, and their prompts."""

from collections.abc import Iterable, Sequence

from evaluation.harnesses.base import Prompt
from evaluation.harnesses.registry import EXTRAS, PROFILES
from evaluation.services.history import history_prompts
from web4site.errors import UserError


def extras_chosen(names: Iterable[str]) -> list[str]:
    """These extra harnesses in their order, each once; raises UserError for one that there is not."""
    wanted = {name.strip() for name in names} - {""}
    if unknown := sorted(wanted - set(EXTRAS)):
        raise UserError(f"There is no extra harness '{unknown[0]}': use some of {', '.join(EXTRAS)}.")
    return [name for name in EXTRAS if name in wanted]


def extra_prompts(names: Iterable[str], profile: str) -> tuple[dict[str, Sequence[Prompt]], dict[str, str]]:
    """The prompts of each extra harness, and of those that cannot be asked the reason."""
    prompts: dict[str, Sequence[Prompt]] = {}
    skipped = {}
    for name in names if PROFILES[profile].prompts else ():
        if name == "history":
            found, why = history_prompts(PROFILES[profile].prompts)
            if why:
                skipped[name] = why
            else:
                prompts[name] = found
        else:
            prompts[name] = PROFILES[profile].sample(EXTRAS[name])
    return prompts, skipped

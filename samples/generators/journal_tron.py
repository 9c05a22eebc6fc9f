"""Decisions as trigger, response, outcome and next: labelled by their author, or told from an entry without labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from samples.generators.journal_blocks import Block
from samples.generators.text import is_claim, is_sentence, is_statement, is_step, is_to_do, plain, stems

TRON = ("trigger", "response", "outcome", "next")
ACT_ASPECTS = ("next", "action", "consequence")
MAX_TRONS = 3
QUOTED = 150
ELEMENT = 170
MAX_RESPONSES = 6
SHARED = 2
_TRON = re.compile(
    r"^\W*(?:\d+[.)]\s*)?\W*(trigger|response|outcome|next)\W{0,4}:\W*(.*?)(?=^\W*(?:\d+[.)]\s*)?\W*"
    r"(?:trigger|response|outcome|next)\W{0,4}:|^\s*$|^#|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_TROUBLE = re.compile(
    r"\b(?:bug|broken|breaks?|missing|problem|issue|fail\w*|wrong|incorrect\w*|error|need(?:s|ed)?|request\w*|asked|complain\w*|"
    r"violat\w*|inconsisten\w*|conflict\w*|unclear|outdated|duplicat\w*)\b",
    re.IGNORECASE,
)
_REVERSE = re.compile(r"\b(?:not|instead of|without|unclear|retains)\b", re.IGNORECASE)
# A heap of numbers sets nothing off.
_COUNT = re.compile(
    r"^\W*(?:total|count|number)\b|^\W*~?\d+(?:[.,]\d+)?%?\s|:\s*~?\d[\d.,]*%?(?:\s\w+){0,2}\W*$", re.IGNORECASE
)
# What was weighed is not what was decided.
_OPTION = re.compile(
    r"\b(?:options?|alternatives?|rejected|discarded|considered|not chosen|instead of|pros|cons|trade-?offs?)\b",
    re.IGNORECASE,
)


def written_tron(plan: str) -> dict[str, str]:
    """The four elements as the author labelled them, {} unless all four have content."""
    found = {label.lower(): plain(text) for label, text in _TRON.findall(plan)}
    return {name: found[name] for name in TRON} if all(found.get(name) for name in TRON) else {}


def is_element(statement: str, tron: dict[str, str]) -> bool:
    return any(statement in f"{name.title()}: {text}" or text in statement for name, text in tron.items())


def told_trons(blocks: Sequence[Block], issue: str, wishes: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Up to three decisions told from a journal that labels none."""
    return tuple(islice(_pairs(blocks, issue, wishes), MAX_TRONS))


def _pairs(blocks: Sequence[Block], issue: str, wishes: Sequence[str]) -> Iterator[dict[str, str]]:
    """What set it off, what was decided, what came of it, what next: each from the section that tells it.

    Trigger, response and outcome hang together by the words they share; each outcome is told once.
    """
    triggers = _triggers(blocks, issue, wishes)
    chosen = [block for block in blocks if block.section == "plan" and not _OPTION.search(block.label)]
    planned = [item for item in told(chosen, "decision", "approach", "action") if _is_order(item)]
    checked, act = ([block for block in blocks if block.section == name] for name in ("check", "act"))
    # Act often lists what is reached before it says what comes next.
    outcomes = [item for item in (*told(checked, "result"), *told(act, "action")) if _is_outcome(item)]
    following = [item for item in told(act, *ACT_ASPECTS) if _is_order(item)]
    for number, response in enumerate(planned[:MAX_RESPONSES]):
        words = set(stems(response))
        trigger = _nearest(triggers, words | set(stems(" ".join(outcomes))), 1)
        outcome = _nearest(outcomes, words | set(stems(" ".join(trigger))), SHARED)
        found = (trigger, [response], outcome, following[number % len(following) :][:1] if following else [])
        told_here = [item for items in found for item in items]
        if len(set(told_here)) == len(TRON):
            outcomes.remove(outcome[0])
            yield dict(zip(TRON, told_here, strict=True))


def _triggers(blocks: Sequence[Block], issue: str, wishes: Sequence[str]) -> list[str]:
    """What can set a decision off: the issue, what the user said, troubles that were found; no heap of numbers."""
    asked = [issue, *(f'The user said: "{wish}"' for wish in wishes if len(wish) <= QUOTED)]
    found = [item for item in told(blocks, "situation", "cause") if _TROUBLE.search(item)]
    return [i for i in (*asked, *found) if i and _is_whole(i) and not (_COUNT.search(i) or is_to_do(i))]


def _is_order(item: str) -> bool:
    return is_to_do(item) and is_step(item) and not _OPTION.search(item) and _is_whole(item)


def _is_outcome(item: str) -> bool:
    """A whole sentence on what was seen: no question, trouble, praise, cause or thing still to do."""
    refused = is_to_do(item) or not is_step(item) or "?" in item or _TROUBLE.search(item) or _REVERSE.search(item)
    return is_sentence(item) and not (refused or is_claim(item)) and _is_whole(item)


def _is_whole(item: str) -> bool:
    """Short enough to be told uncut, and no quotation left open."""
    return len(item) <= ELEMENT and item.count('"') % 2 == 0


def _nearest(items: Sequence[str], words: set[str], shared: int) -> list[str]:
    """The statement that shares most words with those given, if it shares enough; [] otherwise."""
    ranked = sorted(items, key=lambda item: -len(words & set(stems(item))))
    return [item for item in ranked[:1] if len(words & set(stems(item))) >= shared]


def told(blocks: Sequence[Block], *aspects: str) -> list[str]:
    """The statements of the blocks that tell one of these aspects."""
    return [item for block in blocks if block.aspect in aspects for item in block.items if is_statement(item)]

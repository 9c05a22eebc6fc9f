"""Decisions as trigger, response, outcome and next: labelled by their author, or told from an entry without labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from samples.generators import told_as
from samples.generators.journal_blocks import Block
from samples.generators.text import is_sentence, is_statement, is_to_do, plain, stems

TRON = ("trigger", "response", "outcome", "next")
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


_KEEPS = re.compile(
    r"^(?:[^:]{2,48}: )?(?:maintain|preserve|keep|continue|ensure|understand|consider)\b", re.IGNORECASE
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

    The response shares words with its trigger and with its outcome, which is told once.
    """
    triggers = _triggers(blocks, issue, wishes)
    planned = [item for item in told_as.steps(blocks) if _is_decided(item)]
    outcomes = [item for item in told_as.reached(blocks) if told_as.is_outcome(item) and _is_outcome(item)]
    following = [item for item in told_as.following(blocks) if _is_whole(item)]
    for number, response in enumerate(planned[:MAX_RESPONSES]):
        words = set(stems(response))
        found = (
            _nearest(triggers, words) or ([issue] if issue in triggers and words & set(stems(issue)) else []),
            [response],
            _nearest(outcomes, words),
            following[number % len(following) :][:1] if following else [],
        )
        told_here = [item for items in found for item in items]
        if len(set(told_here)) == len(TRON):
            outcomes.remove(found[2][0])
            yield dict(zip(TRON, told_here, strict=True))


def _triggers(blocks: Sequence[Block], issue: str, wishes: Sequence[str]) -> list[str]:
    """What can set a decision off: the issue, what the user said, troubles that were found; no heap of numbers."""
    asked = [issue, *(f'The user said: "{wish}"' for wish in wishes if len(wish) <= QUOTED)]
    found = [item for item in told(blocks, "situation", "cause") if _TROUBLE.search(item)]
    return [i for i in (*asked, *found) if i and _is_whole(i) and not (_COUNT.search(i) or is_to_do(i))]


def _is_decided(item: str) -> bool:
    """Something to do that was not merely weighed, and that changes something."""
    return not (_OPTION.search(item) or _KEEPS.search(item)) and _is_whole(item)


def _is_outcome(item: str) -> bool:
    """A whole sentence on what was seen, the other way round than it was."""
    return is_sentence(item) and not _REVERSE.search(item) and _is_whole(item)


def _is_whole(item: str) -> bool:
    """Short enough to be told uncut, and no quotation left open."""
    return len(item) <= ELEMENT and item.count('"') % 2 == 0


def _nearest(items: Sequence[str], words: set[str]) -> list[str]:
    """The statement that shares most words with those given, if it shares enough; [] otherwise."""
    ranked = sorted(items, key=lambda item: -len(words & set(stems(item))))
    return [item for item in ranked[:1] if len(words & set(stems(item))) >= SHARED]


def told(blocks: Sequence[Block], *aspects: str) -> list[str]:
    """The statements of the blocks that tell one of these aspects."""
    return [item for block in blocks if block.aspect in aspects for item in block.items if is_statement(item)]

"""The four kinds of patterns, and how an entry or a part of it is told to be of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from samples.generators.base import Context, SampleDraft
from samples.generators.journal import Journal
from samples.generators.journal_blocks import Block
from samples.generators.journal_views import spans_of, title_of
from samples.generators.points import with_points
from samples.generators.sources import Source
from samples.generators.text import sentence
from samples.generators.wording import instruct

CATEGORY = "domain_patterns"
PatternMake = Callable[[str, Source, Context], Iterator[SampleDraft]]
KINDS = {
    "debugging": "debugging pattern",
    "architectural_decision": "architectural decision",
    "integration": "integration pattern",
    "collaboration": "collaboration pattern",
}
_SIGNS = {
    "debugging": re.compile(
        r"\b(?:bugs?|fix(?:ed|es|ing)?|errors?|broken|fail(?:s|ed|ure|ures|ing)?|root cause|regression\w*|crash\w*"
        r"|wrong|defects?|debug\w*|missing|incorrect\w*|violat\w*|issues?|problems?|tests?|tested|diagnos\w*"
        r"|symptoms?|prevent\w*)\b",
        re.I,
    ),
    "architectural_decision": re.compile(
        r"\b(?:architect\w*|design\w*|layer\w*|interfaces?|refactor\w*|patterns?|structures?|models?|class(?:es)?|components?"
        r"|scenario\w*|object\w*|constructors?|system|implementation|requirements?|uuid\w*|typescript|oop)\b",
        re.I,
    ),
    "integration": re.compile(
        r"\b(?:merg\w*|integrat\w*|branch\w*|migrat\w*|deploy\w*|import\w*|upgrad\w*|releas\w*|versions?|git\w*|push\w*|links?"
        r"|commit\w*|dependenc\w*|sync\w*|automat\w*|scripts?|install\w*|config\w*|environment|workflow|compatib\w*)\b",
        re.I,
    ),
    "collaboration": re.compile(
        r"\b(?:users?|team|feedback|roles?|handover|hand-over|collaborat\w*|review\w*|together|agree\w*|scrum\w*|communicat\w*"
        r"|ask\w*|report\w*|agents?|decisions?|process\w*|protocol\w*|sessions?|documentation|learn\w*|qa|pdcas?|clarif\w*)\b",
        re.I,
    ),
}
# How much one word of a kind says: common words of the trade count less.
_WEIGHT = {"debugging": 1.2, "architectural_decision": 1.05, "integration": 1.1, "collaboration": 0.8}
_PRIOR = 0.35


def signs(kind: str, text: str) -> float:
    """How strongly a text speaks of a kind."""
    return len(_SIGNS[kind].findall(text)) * _WEIGHT[kind]


@lru_cache(maxsize=4096)
def kinds_of(journal: Journal) -> tuple[str, ...]:
    """The kinds an entry shows, strongest first: those with at least half of the strongest one's signs."""
    body = " ".join(item for block in journal.blocks for item in (block.label, *block.items))
    head = f"{journal.title} {journal.objective} {journal.issue}"
    scores = {kind: signs(kind, body) + 4 * signs(kind, head) for kind in KINDS}
    ranked = sorted(scores, key=lambda kind: (-scores[kind], kind))
    return tuple(kind for kind in ranked if scores[kind] >= scores[ranked[0]] / 2)


def kind_of(journal: Journal, text: str) -> str:
    """The one kind a part of an entry shows; what the whole entry shows breaks near ties."""
    return kind_of_text(text, kinds_of(journal))


@lru_cache(maxsize=8192)
def kind_of_text(text: str, likely: tuple[str, ...] = ()) -> str:
    """The one kind a text shows most; `likely` names kinds, most likely first."""
    rank = {kind: len(KINDS) - place for place, kind in enumerate(likely)}
    return max(KINDS, key=lambda kind: (signs(kind, text) + _PRIOR * rank.get(kind, 0), kind))


def shows(kind: str) -> Callable[[Block], float]:
    """Ranks blocks by how much of the kind they show."""
    return lambda block: signs(kind, f"{block.label} {' '.join(block.items)}") / (2 + len(block.items))


def pattern_draft(
    kind: str,
    task: str,
    source: Source,
    context: Context,
    output: str,
    given: str,
    blocks: Sequence[Block] = (),
    *,
    wording: str = "",
    facts: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    **slots: Any,
) -> SampleDraft:
    journal = source.journal
    known = {"title": title_of(source), "objective": sentence(journal.subject), "kind": KINDS[kind]} | slots
    draft = SampleDraft(
        CATEGORY,
        kind,
        task,
        instruct(wording or task, context.rng, role=source.agent_role or "team member", **known),
        given.strip(),
        output.strip(),
        source.document_id,
        source.chunks(*spans_of(blocks)) if blocks else source.chunks(*journal.span("plan", "do", "check", "act")),
        facts=(source.agent_role, source.date, journal.subject, *facts),
        others=others,
    )
    # A summary is to be found, not given.
    return draft if task == "summarise" else with_points(draft, context)

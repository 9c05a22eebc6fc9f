"""The team's PDCA and TRON forms, filled from a journal: what the model shall write later stands here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from samples.generators.base import Context
from samples.generators.journal import TRON, Journal
from samples.generators.sources import Source
from samples.generators.text import bullets, fit, numbered, sentence

SECTION_CHARACTERS = 420
TRON_CHARACTERS = 220
MAX_DUAL = 240


@dataclass(frozen=True, slots=True)
class Links:
    """How an entry names its neighbours: ready text for the FOLLOWS and PRECEDES lines; '' where there is none."""

    follows: str
    precedes: str

    @property
    def lines(self) -> str:
        return f"FOLLOWS: {self.follows}\nPRECEDES: {self.precedes}"

    @property
    def as_given(self) -> str:
        """The neighbours as a person names them in a request."""
        return f"Previous PDCA: {_bare(self.follows)}\nNext PDCA: {_bare(self.precedes)}"


def _bare(link: str) -> str:
    return link if link.startswith("[GitHub]") else link.strip("[]")


def links_of(source: Source, context: Context) -> Links:
    """Both neighbours alike, as bracketed file names or as dual links where those stay short."""
    dual = [context.library.dual_link(path, source.branch) for path in (source.previous, source.following)]
    if context.rng.random() < 0.35 and all(link and len(link) < MAX_DUAL for link in dual):
        return Links(*dual)
    names = [f"[{PurePosixPath(path).name}]" if path else "" for path in (source.previous, source.following)]
    return Links(*names)


def has_both_links(source: Source) -> bool:
    return bool(source.previous and source.following)


def tron_lines(tron: dict[str, str]) -> str:
    return "\n".join(f"**{name.title()}:** {sentence(shorten(tron[name]))}" for name in TRON)


def shorten(text: str, characters: int = TRON_CHARACTERS) -> str:
    """The first sentences that fit; a single long one is cut at a clause, never inside a word."""
    if len(text) <= characters:
        return text
    head = text[:characters]
    for mark in (". ", "; ", ": ", ", ", " "):
        at = head.rfind(mark)
        if at > characters // 3:
            return head[:at]
    return head


def full_pdca(source: Source, context: Context, links: Links, *, characters: int = SECTION_CHARACTERS) -> str:
    """The whole entry. Each section takes a seeded choice of the journal's statements, in their order."""
    journal = source.journal
    header = [f"**Date:** {source.date}"] if source.date else []
    if source.agent_role:
        header.append(f"**Role:** {source.agent_role}")
    learning, *rest = chosen(journal.lessons, context, characters)
    check = chosen(journal.check, context, characters)
    steps = tuple(item for item in journal.plan if item not in journal.tron.values())
    plan = "\n\n".join(filter(None, (tron_lines(journal.tron), numbered(chosen(steps, context, characters)))))
    parts = [
        f"# PDCA: {journal.title or shorten(journal.subject, 70)}",
        "  \n".join([*header, f"FOLLOWS: {links.follows}", f"PRECEDES: {links.precedes}"]),
        f"## Objective\n\n{sentence(journal.subject)}",
        f"## Plan\n\n{plan}",
        f"## Do\n\n{bullets(chosen(journal.do, context, characters))}",
        f"## Check\n\n{bullets(map(verified, check))}",
        f"## Act\n\n**Learning:** {sentence(learning)}" + (f"\n\n{bullets(rest)}" if rest else ""),
    ]
    return "\n\n".join(parts)


def chosen(items: tuple[str, ...], context: Context, characters: int) -> list[str]:
    """Some of the statements, in their order: different variants of one entry tell it differently."""
    count = min(len(items), context.rng.randint(3, 6))
    picked = sorted(context.rng.sample(range(len(items)), count))
    return fit((items[index] for index in picked), characters, at_least=2)


def verified(statement: str) -> str:
    """A check says that it was verified, unless its author already says so (or says that it failed)."""
    lowered = statement.lower()
    if any(word in lowered for word in ("verif", "test", "confirm", "checked", "not ", "fail", "passed", "measured")):
        return statement
    return f"Verified: {statement}"


def journal_facts(journal: Journal) -> str:
    """A few words on what is known, as a person would type them before the entry exists."""
    return bullets([*journal.do[:3], *journal.check[:2]])

"""The team's PDCA and TRON forms, filled from a journal: what the model shall write later stands here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from samples.generators import told_as
from samples.generators.base import Context
from samples.generators.journal import Journal
from samples.generators.journal_tron import TRON
from samples.generators.sources import Source
from samples.generators.text import (
    bullets,
    fit,
    is_sentence,
    is_step,
    is_to_do,
    names_evidence,
    numbered,
    sentence,
    shorten,
)

TRON_CHARACTERS = 220
MAX_DUAL = 240


@dataclass(frozen=True, slots=True)
class Size:
    """How many characters a section and an element of TRON may take."""

    section: int
    tron: int


# A whole entry of this size stays below the length an answer may have when a model is measured.
SHORT = Size(230, 130)
LONG = Size(520, TRON_CHARACTERS)


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

    @property
    def as_asked(self) -> str:
        """The same in one line."""
        return f"Previous PDCA: {_bare(self.follows)}. Next PDCA: {_bare(self.precedes)}."


def _bare(link: str) -> str:
    return link if link.startswith("[GitHub]") else link.strip("[]")


def links_of(source: Source, context: Context, *, dual: float = 0.35) -> Links:
    """Both neighbours alike, as bracketed file names or, with the probability `dual`, as dual links that stay short."""
    links = [context.library.dual_link(path, source.branch) for path in (source.previous, source.following)]
    if context.rng.random() < dual and all(link and len(link) < MAX_DUAL for link in links):
        return Links(*links)
    names = [f"[{PurePosixPath(path).name}]" if path else "" for path in (source.previous, source.following)]
    return Links(*names)


def has_both_links(source: Source) -> bool:
    return bool(source.previous and source.following)


def tron_lines(tron: dict[str, str], characters: int = TRON_CHARACTERS) -> str:
    return "\n".join(f"**{name.title()}:** {sentence(shorten(tron[name], characters))}" for name in TRON)


def full_pdca(source: Source, context: Context, links: Links, size: Size = SHORT) -> str:
    """The whole entry. Each section takes a seeded choice of the journal's statements, in their order."""
    journal = source.journal
    header = [f"**Date:** {source.date}"] if source.date else []
    if source.agent_role:
        header.append(f"**Role:** {source.agent_role}")
    tron = context.rng.choice(journal.trons)
    learned = list(journal.lessons) if journal.in_form else told_as.lessons(journal.blocks)
    lessons = [lesson for lesson in learned if len(lesson) <= size.section + 60] or learned
    learning, *rest = chosen(tuple(lessons), context, size.section)
    steps = tuple(item for item in planned(journal) if item not in tron.values())
    told = (tron_lines(tron, size.tron), numbered(chosen(steps, context, size.section)))
    check = chosen(seen(journal), context, size.section)
    parts = [
        f"# PDCA: {journal.title or shorten(journal.subject, 70)}",
        "  \n".join([*header, f"FOLLOWS: {links.follows}", f"PRECEDES: {links.precedes}"]),
        f"## Objective\n\n{sentence(shorten(journal.subject, 220))}",
        "## Plan\n\n" + "\n\n".join(filter(None, told)),
        f"## Do\n\n{bullets(chosen(work(journal), context, size.section))}",
        f"## Check\n\n{bullets(map(verified, check))}",
        f"## Act\n\n**Learning:** {sentence(learning)}" + (f"\n\n{bullets(rest)}" if rest else ""),
    ]
    return "\n\n".join(parts)


def planned(journal: Journal) -> tuple[str, ...]:
    """The steps of Plan."""
    if journal.in_form:
        return tuple(item for item in journal.plan if is_to_do(item) and is_step(item))
    return tuple(told_as.steps(journal.blocks))


def work(journal: Journal) -> tuple[str, ...]:
    """What was done."""
    if journal.in_form:
        return tuple(item for item in journal.do if not is_to_do(item))
    return tuple(told_as.works(journal.blocks))


def seen(journal: Journal) -> tuple[str, ...]:
    """What was seen, good or bad."""
    if journal.in_form:
        return tuple(i for i in journal.check if (is_sentence(i) or names_evidence(i)) and not is_to_do(i))
    return tuple(told_as.results(journal.blocks))


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


def notes_of(journal: Journal, context: Context) -> list[str]:
    """What is known, as a person would jot it down before the entry exists."""
    parts = ((journal.plan, 2), (journal.do, 4), (journal.check, 3), (journal.lessons, 2))
    return [item for items, count in parts for item in context.pick(items, count)]

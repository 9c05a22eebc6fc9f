"""Ways to look at a journal: its header, an excerpt that fits, the statements that matter most, its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from samples.generators.base import Context
from samples.generators.journal import Journal
from samples.generators.journal_blocks import SECTIONS, Block, cut, runs
from samples.generators.sources import Source
from samples.generators.text import bullets, is_statement, is_technical, sentence, shorten, stems

SEGMENT = 720


def tellable(source: Source) -> bool:
    """Whether an entry speaks of work, and says enough of it."""
    journal = source.journal
    return (
        bool(journal.subject)
        and len(journal.blocks) >= 3
        and is_technical(journal.title, journal.objective, source.name)
    )


def title_of(source: Source) -> str:
    journal = source.journal
    return journal.title or shorten(journal.subject, 80)


def header(source: Source, *, role: bool = False) -> str:
    """Objective and issue as the entry names them."""
    journal = source.journal
    known = {
        "Role": source.agent_role if role else "",
        "Objective": sentence(journal.subject),
        "Issue": sentence(journal.issue) if journal.issue else "",
    }
    return "\n".join(f"{name}: {value}" for name, value in known.items() if value)


@lru_cache(maxsize=4096)
def weights(journal: Journal) -> Counter[str]:
    """How often each word stem occurs in the entry; those of title, objective and issue count six times."""
    counted = Counter(stems(" ".join((*(item for block in journal.blocks for item in block.items),))))
    for stem in stems(f"{journal.title} {journal.objective} {journal.issue}"):
        counted[stem] += 6
    return counted


def salient(items: Iterable[str], journal: Journal, count: int) -> list[str]:
    """The statements that share most with the rest of the entry, in their order."""
    known, unique = weights(journal), [item for item in dict.fromkeys(items) if is_statement(item)]

    def score(item: str) -> float:
        found = set(stems(item))
        return sum(min(known[stem], 12) - 1 for stem in found) / (3 + len(found)) if found else 0.0

    ranked = sorted(range(len(unique)), key=lambda index: (-score(unique[index]), index))
    return [unique[index] for index in sorted(ranked[:count])]


def told(blocks: Sequence[Block], *aspects: str) -> list[str]:
    """The statements of the blocks that tell one of these aspects."""
    return [item for block in blocks if block.aspect in aspects for item in block.items]


def of_section(blocks: Iterable[Block], *sections: str) -> list[Block]:
    return [block for block in blocks if block.section in sections]


def excerpt(
    journal: Journal,
    characters: int,
    *,
    sections: Sequence[str] = SECTIONS,
    wanted: Callable[[Block], float] | None = None,
) -> list[Block]:
    """Blocks of the sections that fit, each section with its share, those with the highest `wanted` first."""
    chosen: list[Block] = []
    left, pending = characters, [s for s in sections if any(b.section == s for b in journal.blocks)]
    for number, section in enumerate(pending):
        own = [block for block in journal.blocks if block.section == section]
        if wanted:
            own.sort(key=wanted, reverse=True)
        share = cut(own, max(180, left // (len(pending) - number)))
        left -= sum(block.size for block in share)
        chosen.extend(share)
    return sorted(chosen, key=lambda block: block.start)


@lru_cache(maxsize=4096)
def segments(journal: Journal, characters: int = SEGMENT) -> tuple[list[Block], ...]:
    """The entry cut into runs of neighbouring blocks of one section, each about so many characters long."""
    parts = ([block for block in journal.blocks if block.section == section] for section in SECTIONS)
    return tuple(run for part in parts if part for run in runs(part, characters))


def before(journal: Journal, block: Block, characters: int) -> list[Block]:
    """The blocks that stand right before this one, as many as fit."""
    earlier = [other for other in journal.blocks if other.start < block.start]
    return cut(reversed(earlier), characters)[::-1]


def spans_of(blocks: Iterable[Block]) -> list[tuple[int, int]]:
    return [(block.start, block.end) for block in blocks]


def near(blocks: Sequence[Block], run: Sequence[Block], characters: int) -> list[Block]:
    """The blocks on both sides of a run, the nearest of them, as many as fit; in their order."""
    first, last = run[0].start, run[-1].start
    earlier = [block for block in blocks if block.start < first][::-1]
    later = [block for block in blocks if block.start > last]
    found = cut(earlier, characters // 2) if earlier else []
    found += cut(later, characters - sum(block.size for block in found)) if later else []
    return sorted(found, key=lambda block: block.start)


def neighbour(path: str, context: Context, kinds: Collection[str] = ("pdca",)) -> Source | None:
    """The entry at a path, if it may be used and says enough."""
    found = context.library.at(path)
    return found if found and found.kind in kinds and tellable(found) else None


def backdrop(source: Source, context: Context) -> tuple[str, tuple[str, ...]]:
    """What was known when the work began, and the keys of other entries it is taken from.

    That is: the user's words, the decisions taken, and how the entry before ended.
    """
    journal = source.journal
    last = neighbour(source.previous, context)
    ended = (
        salient((item for b in of_section(last.journal.blocks, "act") for item in b.items), last.journal, 4)
        if last
        else []
    )
    taken = [said for done, said in journal.decisions if done][:3]
    parts = [f"> {shorten(wish, 300)}" for wish in journal.wishes[:1]]
    parts += [f"Decided:\n{bullets(taken)}"] if taken else []
    parts += [f"The entry before ({title_of(last)}) ended with:\n{bullets(ended)}"] if last and ended else []
    return "\n\n".join(parts), (last.key,) if last and ended else ()

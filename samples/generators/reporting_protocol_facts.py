"""facts: what a report may say, kind by kind, and what in a report does not agree with its notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import Block, runs, sectioned
from samples.generators.journal_views import header, neighbour, of_section, tellable, title_of
from samples.generators.reporting_protocol_draft import NOTES, STOPS, is_fact, report_draft
from samples.generators.sources import Source
from samples.generators.text import bullets, is_claim, is_left_open, is_to_do, sentence, stems

# Kinds of facts by what a statement names.
_KINDS = {
    "files": re.compile(
        r"\b(?!(?:node|vue|next)\.js)[\w-]+\.(?:ts|js|mjs|md|json|sh|py|puml|svg|toml|ya?ml|html|css|env)\b",
        re.IGNORECASE,
    ),
    "commands": re.compile(
        r"`(?:git|gh|npm|npx|node|bash|sh|cd|ls|cp|mv|rm|ln|cat|head|tail|sed|awk|echo|touch|chmod|mkdir|export|source"
        r"|timeout|brew|apt|apt-get|pip|pip3|python|python3|make|plantuml|tsx|tsranger|tsc|vitest|docker|curl|ssh|grep|find)"
        r" [^`]*`|`\./[^`]*`|`(?:vitest|tsc|tsranger|make)`"
    ),
    "tests": re.compile(r"(?<!/)\btest(?:s|ed|ing)?\b(?!/)|\bvitest\b", re.IGNORECASE),
    "numbers": re.compile(
        r"\b\d+(?:[.,]\d+)?\s*(?:%|ms|s\b|sec\w*|min\w*|hours?|days?|[KMG]B|lines?|files?|tests?|cases?|errors?|commits?|links?"
        r"|class(?:es)?|methods?|times?|runs?|entries|documents?|agents?|roles?|steps?|versions?)|\b\d+\s?/\s?\d+\b"
        r"|\b\d+ of (?:all |the )?\d+\b",
        re.IGNORECASE,
    ),
    "commits": re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b"),
    "branches": re.compile(
        r"\bbranch(?:es)?\b|\b(?:release|feature|save|fix|dev|cursor|origin)/[\w./-]+", re.IGNORECASE
    ),
    "open": re.compile(r"(?!)"),
}
# Kinds that a heading gives to all that stands below it.
_HEADED = ("tests", "branches")
_TWO_SUBJECTS = re.compile(r"[&+,]|\b(?:and|vs|versus)\b", re.IGNORECASE)
# The number of an item in a list counts nothing.
_NUMBER = re.compile(r"(?<![\w.,:/-])(?!(?<=\()\d+\))\d{1,4}(?![\w.,:/-]\w|\w)")
MOST = 7
LEAST = 2
SPREAD = 0.7
ALIKE = 0.4


def list_facts(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The statements of a part of the notes that name files, commands, numbers, ...: each kind is a question."""
    if not tellable(source):
        return
    for part in runs(source.journal.blocks, NOTES):
        count = sum(len(block.items) for block in part)
        for kind in context.pick(tuple(_KINDS), len(_KINDS)):
            found = [(block, kept) for block in part if (kept := of_kind(kind, block))]
            named = sum(len(kept) for _, kept in found)
            if not LEAST <= named <= min(MOST, SPREAD * count):
                continue
            if kind == "numbers" and any(_NUMBER.search(i) for b in part for i in b.items if not is_of_kind(kind, i)):
                continue
            listed = "\n\n".join(f"{_where(block)}:\n{bullets(kept)}" for block, kept in found)
            given = f"{header(source)}\n\n{sectioned(part)}"
            yield report_draft(
                "facts", "list_facts", source, context, listed, given, part, wording=f"list_{kind}"
            )  # fmt: skip


def of_kind(kind: str, block: Block) -> list[str]:
    """The statements of a kind; what stands below a heading about tests alone is about them as well."""
    headed = kind in _HEADED and _KINDS[kind].search(block.label) and not _TWO_SUBJECTS.search(block.label)
    return [item for item in block.items if is_of_kind(kind, item) or (headed and not is_claim(item))]


def is_of_kind(kind: str, item: str) -> bool:
    if kind == "open":
        return is_left_open(item)
    return _KINDS[kind].search(item) is not None and not is_claim(item)


def _where(block: Block) -> str:
    return f'{block.section.title()}, "{block.label}"' if block.label else block.section.title()


def wrong_number(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A report in which one number is not that of the notes: found, and put right."""
    if not tellable(source):
        return
    for part in _worked(source):
        facts = [item for block in part for item in block.items if is_fact(item) and not is_to_do(item)]
        counted = [item for item in facts if _NUMBER.search(item)]
        if len(facts) < 3 or not counted:
            continue
        right = context.rng.choice(counted)
        spot = context.rng.choice(list(_NUMBER.finditer(right)))
        number = _other(int(spot[0]), context)
        wrong = f"{right[: spot.start()]}{number}{right[spot.end() :]}"
        told = context.pick([item for item in facts if item != right], 4)
        if any(wrong in item for block in part for item in block.items):
            continue
        report = context.pick([*told, wrong], len(told) + 1)
        output = (
            f"One number does not agree: the report says {number}, the notes say {spot[0]}.\n\n"
            f"- Reported: {sentence(wrong)}\n- Noted: {sentence(right)}\n\n"
            f"The report put right:\n{bullets(right if item == wrong else item for item in report)}"
        )
        given = f"Report on {title_of(source)}:\n{bullets(report)}\n\nNotes:\n\n{sectioned(part)}"
        yield report_draft("facts", "wrong_number", source, context, output, given, part)


def _worked(source: Source) -> list[list[Block]]:
    """Do and Check in parts: what is planned or learned is nothing to report as seen."""
    worked = of_section(source.journal.blocks, "do", "check")
    return runs(worked, NOTES) if worked else []


def _resemble(one: str, other: str) -> bool:
    """Whether two statements share so many words that one may stand for the other."""
    first, second = set(stems(one)), set(stems(other))
    return len(first & second) > ALIKE * min(len(first), len(second))


def _other(number: int, context: Context) -> int:
    """A number near another one that is not the same."""
    return number + context.rng.choice([step for step in (-2, -1, 1, 2, 3, 10) if number + step > 0])


def not_in_notes(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A report with a statement that its notes do not hold: it goes, or gets a source."""
    other = neighbour(source.following, context)
    if not tellable(source) or other is None or other.key == source.key:
        return
    known = source.text.lower()
    foreign = [i for b in other.journal.blocks for i in b.items if is_fact(i) and not is_to_do(i) and len(i) < 180]
    foreign = [item for item in foreign if item.lower() not in known]
    for part in _worked(source):
        notes = [item for block in part for item in block.items]
        facts = [item for item in notes if is_fact(item) and not is_to_do(item)]
        strange = [item for item in foreign if not any(_resemble(item, note) for note in notes)]
        if len(facts) < 2 or not strange:
            continue
        added = context.rng.choice(strange)
        foreign.remove(added)
        report = context.pick([*context.pick(facts, 4), added], 5)
        held = [item for item in report if item != added]
        output = (
            f"Not in the notes: {sentence(added)}\n\nIt is left out until somebody shows where it was seen. "
            f"What the notes hold:\n{_located(held, part)}\n\n{context.rng.choice(STOPS)}"
        )
        given = f"Report on {title_of(source)}:\n{bullets(report)}\n\nNotes:\n\n{sectioned(part)}"
        yield report_draft("facts", "not_in_notes", source, context, output, given, part, others=(other.key,))


def _located(items: Sequence[str], part: Sequence[Block]) -> str:
    """Each statement with the place in the notes that holds it."""
    homes = {item: block for block in part for item in block.items}
    return "\n".join(f"- {sentence(item)} ({_where(homes[item])})" for item in items)


MAKERS = (list_facts, wrong_number, not_in_notes)

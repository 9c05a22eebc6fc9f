"""As what a statement of an entry may be told: work done, a result seen, a lesson, a step still to take, a criterion.

Authors put anything under any heading. Here a statement counts as something only where its heading and its own form
both say so; what neither shows is not told at all. A statement left out does no harm, a misplaced one teaches a lie.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from samples.generators.journal_blocks import Block
from samples.generators.text import (
    is_claim,
    is_left_open,
    is_sentence,
    is_statement,
    is_step,
    is_to_do,
    names_evidence,
)

_WORDS = tomllib.loads(Path(__file__).with_name("told_as_words.toml").read_text(encoding="utf-8"))


def _any_of(name: str) -> str:
    return "|".join(_WORDS[name])


_OTHER_HEADING = re.compile(rf"\b(?:{_any_of('other_heading')})\b|\?", re.IGNORECASE)
_STEP_HEADING = re.compile(rf"\b(?:{_any_of('step_heading')})\b", re.IGNORECASE)
_OVER_HEADING = re.compile(rf"\b(?:{_any_of('over_heading')})\b", re.IGNORECASE)
_WEIGHED_HEADING = re.compile(rf"\b(?:{_any_of('weighed_heading')})\b|\?", re.IGNORECASE)
_LESSON_HEADING = re.compile(rf"\b(?:{_any_of('lesson_heading')})\b", re.IGNORECASE)
_NO_LESSON_HEADING = re.compile(rf"\b(?:{_any_of('no_lesson_heading')})\b", re.IGNORECASE)
_CRITERIA_HEADING = re.compile(rf"\b(?:{_any_of('criteria_heading')})\b", re.IGNORECASE)
_CAUSE_HEADING = re.compile(r"\b(?:root cause|cause of|why this happened)\b", re.IGNORECASE)
_LESSON = re.compile(r"^(?:key |process |main )?(?:learnings?|lessons?(?: learned)?|insights?): ", re.IGNORECASE)
# "Sorted the list", "List: sorted by length", "The list was sorted", "List sorted"; never "Need to sort" or "Unsorted".
_PAST = rf"(?:re)?(?:{_any_of('work')})"
_BEGINS_PAST = re.compile(
    rf"^(?:[^:]{{2,48}}: )?(?:also |then |successfully |all \w+ )?{_PAST}\b|^[^:]{{2,48}} {_PAST}: ", re.IGNORECASE
)
_SAYS_PAST = re.compile(rf"\b(?:is|are|was|were|been|now|successfully|fully|correctly) {_PAST}\b", re.IGNORECASE)
_ENDS_PAST = re.compile(rf"\b(?<!TRON )(?<!user )(?<!team )(?<! [Ww]e )(?<! I ){_PAST}\W*$", re.IGNORECASE)
# What was checked and is so cannot plainly fail.
_CHECKED = re.compile(r"^(?:verified|confirmed|checked)\b", re.IGNORECASE)
_IN_PART = re.compile(
    r"\b(?P<some>\d+)(?:/| of | out of )(?P<all>\d+)(?: \w+)? pass(?:ed|es|ing)?\b"
    r"|\b(?P<rate>\d{1,2}(?:\.\d+)? ?% pass)",
    re.IGNORECASE,
)
_IN_PAST = re.compile(rf"\b{_PAST}\b", re.IGNORECASE)
# What holds beyond the one case.
_HOLDS = re.compile(r"\b(?:is|are|must|should|needs?|never|always|can|cannot|only|every|each)\b", re.IGNORECASE)
_PASSES = re.compile(rf"\b(?:{_any_of('passes')})\b", re.IGNORECASE)
_UNSURE = re.compile(rf"\?|\b(?:{_any_of('unsure')})\b", re.IGNORECASE)
_TROUBLE = re.compile(rf"\b(?:{_any_of('trouble')})\b", re.IGNORECASE)
_FAILS = re.compile(rf"\b(?:{_any_of('fails')})\b", re.IGNORECASE)
_TROUBLE_HEADING = re.compile(rf"\b(?:{_any_of('trouble_heading')})\b", re.IGNORECASE)
_FAILING_HEADING = re.compile(r"\b(?:failing|fails|broken|not working)\b", re.IGNORECASE)
_NO_TROUBLE_HEADING = re.compile(
    r"\b(?:before|fix(?:ed|es)?|resol\w+|correct\w*|verif\w+|handling|no|prevent\w*|solved|original|old|previous\w*"
    r"|expected|should)\b",
    re.IGNORECASE,
)
# What works, even below a heading of trouble.
_WELL = re.compile(r"\b(?:works|working|correctly|properly|pass(?:es|ed)|success\w*)\b", re.IGNORECASE)
_OPEN_HEADING = re.compile(rf"\b(?:{_any_of('open_heading')})\b", re.IGNORECASE)
_REPAIRED = re.compile(
    r"\b(?:fixed|resolved|repaired|corrected|prevented|eliminated)\b|\b(?:no|0|zero) (?:longer |more )?\w+",
    re.IGNORECASE,
)
# Labels of what is wanted, weighed or merely given.
_NO_TELLING = re.compile(
    r"^(?:objective|goal|aim|context|background|issues?|problem|note|pros?|cons?|option \w+|alternative|risk|mitigation"
    r"|trigger|impact|priority|hypothesis|expected|reality|condition|next|assumption|constraint|scope|before|current|old"
    r"|step \d+|phase \d+|task|solution|benefit|rationale|reason|example|question|decision|input|target|required?)\b"
    r"[^:]{0,20}:",
    re.IGNORECASE,
)
# What an entry says about itself or in general is nothing that was learned.
_NO_LESSON = re.compile(
    r"^(?:summary|outcome|success|impact|achievement|status|user \w+|quality impact|cultural impact|next|result|pattern"
    r"|note|process success|mission|tron \w+|evidence|conclusion|current \w+)\b[^:]{0,30}:"
    r"|^(?:this|the) (?:pdca|entry|session)\b"
    r"|^[^:]{0,40}\b(?:complete|success\w*|achieved|established|mastery|confirmed|enhanced|improved)\b[^:]{0,10}:",
    re.IGNORECASE,
)
MAX_PASSIVE = 130
# Every task asks the same of the same statements and headings again.
_remembered = lru_cache(maxsize=1 << 16)


@_remembered
def is_work(item: str) -> bool:
    """Whether a statement tells something that somebody did."""
    told = len(item) <= MAX_PASSIVE and (_SAYS_PAST.search(item) or _ENDS_PAST.search(item))
    return bool(told or _BEGINS_PAST.search(item)) and _is_plain(item) and not is_trouble(item)


@_remembered
def is_seen(item: str) -> bool:
    """Whether a statement tells a result that was seen, good or bad."""
    if not _is_plain(item) or is_left_open(item) or not (is_sentence(item) or names_evidence(item)):
        return False
    return bool(names_evidence(item) or _PASSES.search(item) or is_work(item))


def is_reached(item: str) -> bool:
    """Whether a statement tells a result that was seen and is as wanted."""
    return is_seen(item) and not is_trouble(item)


def is_outcome(item: str) -> bool:
    """Whether a statement tells what came of something: that it was done or now works; no count, no finding."""
    return is_reached(item) and bool(_PASSES.search(item) or is_work(item))


@_remembered
def is_trouble(item: str) -> bool:
    """Whether a statement says that something does not work, and not that something was done about it."""
    return _passes_in_part(item) or (_TROUBLE.search(item) is not None and not _REPAIRED.search(item))


@_remembered
def is_failure(item: str) -> bool:
    """Whether a statement plainly says that something does not work."""
    if _passes_in_part(item):
        return True
    told = _FAILS.search(item) is not None and not (_REPAIRED.search(item) or _CHECKED.match(item))
    return told and is_statement(item) and not (is_to_do(item) or is_claim(item) or "?" in item or _UNSURE.search(item))


def _passes_in_part(item: str) -> bool:
    """Whether a count says that not all tests pass: '6/8 tests passed', '57% pass rate'."""
    found = _IN_PART.search(item)
    return found is not None and (bool(found["rate"]) or int(found["some"]) < int(found["all"]))


def _is_plain(item: str) -> bool:
    """A statement about what is over or is the case: no praise, no question, nothing possible or still to come."""
    if not is_statement(item) or _NO_TELLING.match(item):
        return False
    return not (is_to_do(item) or is_claim(item) or _UNSURE.search(item))


def works(blocks: Iterable[Block]) -> list[str]:
    """What was done, from Do."""
    own = (block for block in blocks if block.section == "do" and _tells(block.label))
    return _distinct(item for block in own for item in block.items if is_work(item))


def results(blocks: Iterable[Block]) -> list[str]:
    """What was seen, good or bad, from Check; below a heading of trouble every plain statement tells some."""
    return _distinct(
        item
        for block in blocks
        if block.section == "check"
        for item in block.items
        if (_tells(block.label) and is_seen(item)) or _is_trouble_of(block, item)
    )


def troubles(blocks: Iterable[Block]) -> list[str]:
    """What Check says that fails."""
    return _distinct(
        item for block in blocks if block.section == "check" for item in block.items if _is_trouble_of(block, item)
    )


def _is_trouble_of(block: Block, item: str) -> bool:
    if _is_trouble_heading(block.label):
        return _is_plain(item) and (is_trouble(item) or not _WELL.search(item))
    return _tells(block.label) and is_failure(item)


def hides(blocks: Iterable[Block], told: str) -> bool:
    """Whether a report on blocks leaves out what fails or is open."""
    return any(item.rstrip(".") not in told for block in blocks for item in _to_be_told(block))


def _to_be_told(block: Block) -> Iterable[str]:
    """What no report may leave out: what Check says that fails, and all below a heading of what fails or is open.

    Below a heading of trouble Do mostly tells what was repaired since, unless the heading says that it fails.
    """
    if block.section == "check":
        headed = _is_trouble_heading(block.label) or _is_open_heading(block.label)
        return block.items if headed else filter(is_failure, block.items)
    fails = block.section == "do" and _FAILING_HEADING.search(block.label) and _is_trouble_heading(block.label)
    return block.items if fails else ()


@_remembered
def _is_open_heading(heading: str) -> bool:
    return _OPEN_HEADING.search(heading) is not None and not _NO_TROUBLE_HEADING.search(heading)


@_remembered
def _is_trouble_heading(heading: str) -> bool:
    """Whether a heading of Check says that what stands below it fails, now."""
    return _TROUBLE_HEADING.search(heading) is not None and not _NO_TROUBLE_HEADING.search(heading)


def reached(blocks: Iterable[Block]) -> list[str]:
    """What was seen and is as wanted, from Check."""
    own = (block for block in blocks if block.section == "check" and _tells(block.label))
    return _distinct(item for block in own for item in block.items if is_reached(item))


@_remembered
def _tells(heading: str) -> bool:
    """Whether work or results can stand under a heading of Do or Check."""
    return not (_OTHER_HEADING.search(heading) or is_claim(heading))


def lessons(blocks: Iterable[Block]) -> list[str]:
    """What was learned, from what Act calls a learning."""
    found = [
        _LESSON.sub("", item, count=1)
        for block in blocks
        if block.section == "act"
        for item in block.items
        if teaches(block.label) or _LESSON.match(item)
    ]
    return _distinct(item for item in found if _is_lesson(item))


@_remembered
def teaches(heading: str) -> bool:
    """Whether a heading of Act says that lessons follow."""
    return _LESSON_HEADING.search(heading) is not None and not _NO_LESSON_HEADING.search(heading)


@_remembered
def _is_lesson(item: str) -> bool:
    """Something to keep for another time: no praise, no result, no state, nothing done."""
    if not is_statement(item) or len(item.split()) < 5 or _NO_LESSON.search(item) or is_claim(item):
        return False
    if is_left_open(item) or _BEGINS_PAST.search(item) or _ENDS_PAST.search(item) or item.endswith(("!", "?")):
        return False
    return ":" in item or not _IN_PAST.search(item) or _HOLDS.search(item) is not None


def steps(blocks: Iterable[Block]) -> list[str]:
    """What Plan says is to be done; nothing that was weighed, found or wished for."""
    own = (block for block in blocks if block.section == "plan" and _plans(block.label))
    return _distinct(item for block in own for item in block.items if _is_order(item))


def following(blocks: Iterable[Block]) -> list[str]:
    """What Act says comes next."""
    own = (block for block in blocks if block.section == "act" and _looks_ahead(block.label))
    return _distinct(item for block in own for item in block.items if _is_order(item))


@_remembered
def _plans(heading: str) -> bool:
    """Whether steps can stand under a heading of Plan."""
    return not (_WEIGHED_HEADING.search(heading) or _OVER_HEADING.search(heading))


@_remembered
def _looks_ahead(heading: str) -> bool:
    """Whether a heading of Act says that steps follow."""
    return _STEP_HEADING.search(heading) is not None and not _OVER_HEADING.search(heading)


@_remembered
def _is_order(item: str) -> bool:
    return is_statement(item) and is_to_do(item) and is_step(item) and not (is_claim(item) or "?" in item)


def criteria(blocks: Iterable[Block]) -> list[str]:
    """What Plan says the result is measured by."""
    own = (b for b in blocks if b.section == "plan" and _CRITERIA_HEADING.search(b.label))
    found = (item for block in own for item in block.items if is_statement(item) and is_step(item))
    return _distinct(item for item in found if not (is_claim(item) or "?" in item))


def causes(blocks: Sequence[Block]) -> list[str]:
    """What an entry names as the root cause."""
    named = [i for b in blocks for i in b.items if i.lower().startswith("root cause: ")]
    under = [i for b in blocks if _CAUSE_HEADING.search(b.label) for i in b.items if is_trouble(i) and is_sentence(i)]
    return _distinct(i for i in (*named, *under) if is_statement(i) and not (is_claim(i) or is_to_do(i) or "?" in i))


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))

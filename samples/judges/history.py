"""History: the answer to a question about a journal entry is told from that entry, not from its neighbours."""

from __future__ import annotations

import re

from samples.judges.verdict import Verdict, failed, invalid, passed

TERMS_NEEDED = 2
# Of all that an answer names, this share stands in the entry or in the question.
TOLD_SHARE = 0.5
MAX_TEXT = 20_000
_TERM = re.compile(r"[^\W\d_]{5,}")
_TOKEN = re.compile(r"[\w./-]+")
_SUFFIXES = (".md", ".ts", ".tsx", ".json", ".txt")
_UNKNOWN = re.compile(
    r"\b(?:(?:do|does|did|can|could)(?:n['’]t| not)|cannot|no) (?:\w+ ){0,3}"
    r"(?:know|say|tell|find|found|answer|mention\w*|information|contain\w*|record\w*|idea)\b"
    r"|\b(?:unknown|unclear|not (?:mentioned|stated|given|recorded|known|found))\b",
    re.IGNORECASE,
)


def history(
    text: str, *, source: str = "", told: str = "", others: str = "", question: str = "", **_: object
) -> Verdict:
    """`told` is what was found of the entry `source`, `others` what was found of other entries.

    The answer names what stands in the entry and not in the question, more of it than of what stands in its
    neighbours alone, and little that stands in neither; a file that it cites is the entry's own, and it does not say
    that nothing is known.
    """
    if not source:
        return invalid("the case has no source")
    said = text[:MAX_TEXT]
    if unknown := _UNKNOWN.search(_first_sentence(said)):
        return failed(f"says that it does not know: {unknown[0]!r}")
    asked = _terms(question)
    own = _terms(told) - asked
    if not own:
        return failed(f"nothing was found of {source} but what the question says")
    strange = _terms(others) - own - asked
    named = _terms(said)
    right, wrong = sorted(named & own), sorted(named & strange)
    cited = _files(said) & _files(f"{source} {others}")
    if cited and not cited & _files(f"{source} {told}"):
        return failed(f"cites {sorted(cited)[0]}, not {source}")
    if len(right) < min(TERMS_NEEDED, len(own)):
        return failed(f"tells nothing of {source}")
    if len(named & _terms(f"{told} {question}")) < TOLD_SHARE * len(named):
        return failed(f"most of it does not stand in {source}")
    if len(wrong) >= len(right):
        return failed(f"tells of another entry: {', '.join(wrong[:4])}")
    return passed(f"tells of {', '.join(right[:4])}")


def _terms(text: str) -> set[str]:
    """Words of five letters and more, cut to seven: "restart" and "restarted" are one."""
    prose = _TOKEN.sub(lambda token: " " if _is_file(token[0]) else token[0], text)
    return {word.lower()[:7] for word in _TERM.findall(prose)}


def _files(text: str) -> set[str]:
    """The names of the files in a text, without their folders."""
    return {token.rstrip(".").rpartition("/")[2].lower() for token in _TOKEN.findall(text) if _is_file(token)}


def _is_file(token: str) -> bool:
    return token.rstrip(".").lower().endswith(_SUFFIXES)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]

"""Agents, roles, sprints and sessions of the index, found in a question however they are spelt."""

import re
from collections.abc import Iterable, Iterator, Sequence

Pair = tuple[str, str]
"""(field of a document, value)"""

_WORD = re.compile(r"[^\W_]+")
# What stands behind these in a role is a remark: `Developer (bug fix)`, `Tester, autonomous`, `Architect → Tester`.
_REMARK = re.compile(r"\s*(?:[(,;:|→]|\s[-/]\s|->).*", re.DOTALL)
_PLACEHOLDER = frozenset(("", "current", "none", "na", "unknown", "tbd", "active", "agent", "session"))
LONGEST = 6
SHORTEST = 3


class Names:
    """Look-up by key: the words of a name in lower case without what separates them."""

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self._values: dict[str, dict[str, tuple[str, list[str]]]] = {}
        for field, value in sorted(pairs):
            shown = _REMARK.sub("", value).strip() if field in ("agent_name", "agent_role") else value.strip()
            key = name_key(shown)
            short = len(key) < SHORTEST and not (len(key) > 1 and field == "agent_role" and shown.isupper())
            if key in _PLACEHOLDER or (field != "sprint" and short):
                continue
            self._values.setdefault(key, {}).setdefault(field, (shown, []))[1].append(value)
        self._join_longer_roles()

    def _join_longer_roles(self) -> None:
        """Who is `DevOps Infrastructure Analysis` is also a `DevOps`, where that is a role of its own."""
        roles = [entry["agent_role"] for entry in self._values.values() if "agent_role" in entry]
        for shown, values in [(shown, list(values)) for shown, values in roles]:
            words = _WORD.findall(shown)
            for size in range(1, len(words)):
                shorter = self._values.get(name_key("".join(words[:size])), {}).get("agent_role")
                if shorter:
                    shorter[1].extend(values)

    def mentioned(self, text: str) -> tuple[Pair, ...]:
        """(field, name) of what a question mentions, longest names first."""
        words = list(_WORD.finditer(text))
        found: dict[Pair, None] = {}
        taken: set[int] = set()
        for size in range(min(LONGEST, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                span = words[start : start + size]
                if taken & set(range(start, start + size)):
                    continue
                if hits := list(self._fitting(text, span, words[start - 1][0] if start else "")):
                    found |= dict.fromkeys(hits)
                    taken |= set(range(start, start + size))
        return tuple(found)

    def _fitting(self, text: str, span: Sequence[re.Match[str]], before: str) -> Iterator[Pair]:
        first = span[0][0]
        for field, (value, _) in self._values.get("".join(word[0].lower() for word in span), {}).items():
            if field == "sprint":
                # "sprint 4", never a bare number; a sprint with a name goes by that.
                fits = before.lower() == "sprint" or (not value.isdigit() and len(value) > SHORTEST)
            elif field == "session":
                # A session that is called by its day alone is a day in a question.
                fits = any(char.isalpha() for char in value) and len(span) > 1
            elif len(value) < SHORTEST:
                fits = first.isupper()  # "PO", "QA": in small letters that is another word
            else:
                fits = first[0].isupper() or (field == "agent_role" and (len(span) > 1 or len(first) > SHORTEST))
            if fits:
                yield field, value
        if len(span) == 1 and (glued := re.fullmatch(r"sprint(\d+)", first.lower())):
            yield from (
                ("sprint", value) for field, (value, _) in self._values.get(glued[1], {}).items() if field == "sprint"
            )

    def values(self, pair: Pair) -> list[str]:
        """The values of the field, as documents have them, that go by this name."""
        return self._values.get(name_key(pair[1]), {}).get(pair[0], ("", []))[1]


def name_key(name: str) -> str:
    """`ScrumMaster`, `Scrum Master` and `scrum-master` have the same key."""
    return "".join(_WORD.findall(name.lower()))

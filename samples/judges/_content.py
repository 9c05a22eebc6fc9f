"""When a piece of a PDCA says something: placeholders, filler, verification, learning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from samples.judges._markdown import Kind, Line, plain, strip_inline_code

_QUOTED = re.compile(r"\"[^\"\n]{0,200}\"|“[^”\n]{0,200}”|‘[^’\n]{0,200}’|(?<!\w)'[^'\n]{0,200}'(?!\w)")
_MENTION = (
    r"(?<!\bno )(?<!\bevery )(?<!\bthe )(?<!\bany )(?<!\ball )(?<!\bthose )(?<!\beach )(?<!\ba )(?<!\bremaining )"
)
_PLACEHOLDERS = re.compile(
    rf"{_MENTION}\b(?:TBD|TBA|TODO|FIXME|XXX+)\b"
    r"|\?{3,}"
    r"|\{\{[^{}\n]{0,80}\}\}"
    r"|(?:(?<=\s)|^)(?:\.{3,}|…)(?=\s|$)"
    r"|(?:\.{3,}|…)\s*$"
    r"|<\s*(?:insert|your|describe|description|add|fill|placeholder|text|name|todo|tbd|objective|plan|content|steps?"
    r"|what|details?)\b[^<>\n]{0,80}>"
    r"|\[\s*(?:insert|your|describe|description|add|fill|placeholder|text|todo|tbd|to be|details?|content|steps?"
    r"|objective|plan|do|check|act|trigger|response|outcome|next|what|learning)\b[^\[\]\n]{0,80}\](?![(\w])",
    re.MULTILINE,
)
_FILLER = re.compile(
    r"\blorem ipsum\b|\bdolor sit amet\b"
    r"|\b(?:content|text|description|details?|objective|plan|steps?|summary|learnings?|results?) (?:goes|go|comes|come) here\b"
    r"|\b(?:your|the|add|insert|enter|put|write|describe)(?: [\w-]+){0,5} here\b"
    r"|\b(?:to be|will be) (?:determined|defined|decided|added|filled|written|completed|specified|announced|provided)\b"
    r"|\bfill (?:this|me|it) in\b|\bcoming soon\b|\bplaceholder (?:text|content|only)\b|^\W*placeholder\W*$"
    r"|\bsome (?:text|content|placeholder)\b|\bblah(?: |,)+blah\b|\bfoo bar baz\b|\basdf\w*"
    r"|\bthis section (?:describes|contains|will|outlines|explains|covers|is (?:for|where|intended))\b"
    r"|\b(?:same as|see) above\b|\bnot applicable\b|^\W*(?:n/?a|none|nothing|tbc|wip|pending|tbd|todo)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_GENERIC = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "it",
        "its",
        "we",
        "i",
        "you",
        "they",
        "our",
        "my",
        "your",
        "their",
        "he",
        "she",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "from",
        "with",
        "by",
        "as",
        "and",
        "or",
        "but",
        "so",
        "then",
        "than",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "done",
        "doing",
        "make",
        "made",
        "making",
        "get",
        "got",
        "have",
        "has",
        "had",
        "will",
        "would",
        "can",
        "could",
        "shall",
        "should",
        "may",
        "must",
        "not",
        "no",
        "yes",
        "ok",
        "okay",
        "all",
        "any",
        "some",
        "every",
        "everything",
        "something",
        "anything",
        "nothing",
        "thing",
        "things",
        "stuff",
        "work",
        "works",
        "worked",
        "working",
        "task",
        "tasks",
        "plan",
        "planned",
        "plans",
        "planning",
        "check",
        "checked",
        "checks",
        "act",
        "acted",
        "action",
        "actions",
        "objective",
        "goal",
        "good",
        "fine",
        "well",
        "great",
        "nice",
        "properly",
        "correctly",
        "successfully",
        "successful",
        "success",
        "complete",
        "completed",
        "completion",
        "finish",
        "finished",
        "ready",
        "as",
        "expected",
        "accordingly",
        "needed",
        "required",
        "necessary",
        "appropriate",
        "relevant",
        "various",
        "several",
        "more",
        "most",
        "here",
        "there",
        "now",
        "just",
        "very",
        "really",
        "also",
        "item",
        "items",
        "step",
        "steps",
        "section",
        "content",
        "text",
        "per",
        "if",
        "when",
        "what",
        "how",
        "which",
        "who",
        "go",
        "went",
        "follow",
        "followed",
        "following",
        "next",
        "first",
        "later",
        "up",
        "out",
        "about",
        "into",
        "over",
    ]
)
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")

_VERIFICATION = (
    r"(?:verif\w*|test(?:s|ed|ing)?|re-?ran|ran|run(?:s|ning)?|measur\w*|assert\w*|confirm\w*|compar\w*|checked|inspect\w*"
    r"|review\w*|validat\w*|pass(?:es|ed)?|expect(?:s|ed)?|lint\w*|benchmark\w*|reproduc\w*|observ\w*|count(?:s|ed)?"
    r"|coverage|vitest|pytest|tsc|eslint|npx|npm|curl|grep|exit code|green|screenshot\w*|demo(?:ed|nstrated)?"
    r"|type-?checks?|compil(?:es|ed)|builds?|diff(?:ed|s)?|check (?:that|the|whether|if|for|every|all|with|by)|ensure\w*"
    r"|look(?:ed)? at|open(?:ed)?|profil\w*|monitor\w*|audit\w*|proof|prov(?:es|ed|en)|evidence|acceptance)"
)
_VERIFIES = re.compile(rf"\b{_VERIFICATION}\b", re.IGNORECASE)
_UNVERIFIED = re.compile(
    r"\b(?:no|not|never|without|nothing|nobody|didn['’]?t|don['’]?t|haven['’]?t|hasn['’]?t|wasn['’]?t|weren['’]?t|isn['’]?t|"
    rf"skipp?ed|skip|postponed?|omitted|forgot to|did not|have not|has not|was not|were not)(?: \w+){{0,2}} {_VERIFICATION}\b"
    rf"|\b{_VERIFICATION}\b[^.!?;\n]{{0,40}}\b(?:later|tomorrow|next (?:week|sprint|month)|eventually|some day|at some point"
    r"|if time permits|postponed|skipped|missing)\b",
    re.IGNORECASE,
)
_LEARNS = re.compile(
    r"\b(?:learn(?:ed|t|ing|ings|s)?|lessons?|insights?|take-?aways?|taught|realis(?:ed|e)|realiz(?:ed|e)|retrospective"
    r"|from now on|from here on|next time|in (?:the )?future|going forward|henceforth|in hindsight"
    r"|always|never|standardi[sz]\w*|root cause|recurr\w*|prevent\w*|avoid\w*|remember"
    r"|(?:new|our|team|general|standing|permanent|written|a|the|as) (?:rule|standard|convention|habit|practice|guideline|principle)"
    r"|(?:rule|standard|habit|convention|checklist|guideline|definition of done|process)\b[^.!?\n]{0,60}\b(?:now|every|each|all|future)"
    r"|(?:now|every|each|all|future)\b[^.!?\n]{0,60}\b(?:rule|standard|habit|convention|checklist|guideline)"
    r"|(?:added|add|update|updated|extend|extended|put|wrote|record|recorded|document|documented)\b[^.!?\n]{0,60}\b"
    r"(?:checklist|guideline|process doc\w*|playbook|runbook|definition of done|coding standard|conventions?|how-?to|review list)"
    r"|we (?:now|will now) (?:know|start|write|begin|require)|shows? that|showed (?:us )?that|turned out that|found (?:out )?that)\b",
    re.IGNORECASE,
)
_UNLEARNED = re.compile(
    r"\b(?:no|nothing|not|none|never|without|zero|didn['’]?t|did not|any)(?: \w+){0,2} (?:learn\w*|lessons?|insights?|take-?aways?)\b"
    r"|\blearn\w*\W{1,4}(?:none|nothing|n/?a|no\b)|\blessons?(?: learn\w*)?\W{1,4}(?:none|nothing|n/?a|no\b)",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """True for text that is empty or nothing but a placeholder: TBD, "...", `{{x}}`, N/A, filler."""
    if not any(char.isalnum() for char in text):
        return True
    if _FILLER.search(text):
        return True
    left = _PLACEHOLDERS.sub(" ", text)
    return left != text and not _concrete_words(left)


def empty_talk(lines: Sequence[Line]) -> str | None:
    """Why a section has no concrete content, or None where it has."""
    spoken = "\n".join(line.text for line in lines if line.kind not in (Kind.CODE, Kind.HEADING))
    if not any(char.isalnum() for char in spoken):
        has_code = any(line.kind is Kind.CODE and line.text.strip() for line in lines)
        return None if has_code else "is empty"
    bare = _QUOTED.sub(" ", strip_inline_code(spoken))
    found = _PLACEHOLDERS.search(bare) or _FILLER.search(bare)
    if found:
        return f"holds a placeholder: {found[0].strip()!r}"
    if len(_WORD.findall(plain(spoken))) < 3:
        return "is a word or two"
    if len(_concrete_words(spoken)) < 2:
        return "names nothing concrete"
    return None


def verifies(lines: Sequence[Line]) -> bool:
    """Whether a Check names at least one verification that was, or is to be, carried out."""
    if any(line.kind is Kind.ITEM and re.match(r"\[[ xX]\]\s+\S", line.text) for line in lines):
        return True
    return any(_VERIFIES.search(said) and not _UNVERIFIED.search(said) for said in _sentences(lines))


def learns(lines: Sequence[Line]) -> bool:
    """Whether an Act states a learning: a lesson, a rule for the future, what turned out."""
    said = " \n".join(_sentences(lines))
    if _UNLEARNED.search(said):
        return False
    return bool(_LEARNS.search(said))


def _concrete_words(text: str) -> set[str]:
    words = (word.lower().rstrip(".'’-") for word in _WORD.findall(plain(text)))
    return {word for word in words if word not in _GENERIC and any(char.isalpha() for char in word) and len(word) > 1}


def _sentences(lines: Sequence[Line]) -> list[str]:
    return [part for line in lines for part in _SENTENCE_END.split(line.text) if part.strip()]

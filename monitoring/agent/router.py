"""What a question needs beside trained knowledge: history, tools, process lessons; pure rules, well under 1 ms."""

import re
from dataclasses import dataclass

_HISTORY = re.compile(
    r"""\b(yesterday|today|last\s+(?:week|month|sprint|session|time)|this\s+(?:week|sprint)
    |(?:two|three|\d+)\s+(?:days|weeks)\s+ago|previous(?:ly)?|earlier|history
    |when\s+did|who\s+(?:did|wrote|fixed|decided|changed|broke)|why\s+did\s+(?:we|you|they)
    |what\s+did\s+(?:we|you|i|they|[A-Z]\w+)|have\s+we|did\s+we|decid(?:ed|ion)s?
    |what\s+was\s+the\s+(?:objective|goal|outcome|learning|trigger)
    |journal|pdca:\s|pdcas?\s+(?:about|on|of|from|that|where)|which\s+pdcas?
    |before\s+that|after\s+that|led\s+to|followed|sprint[\s-]?\d+|\d{4}-\d{2}-\d{2}|\d{8}-\d{6})\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PROCESS = re.compile(
    r"""\b(cmm\s?[1-5]|tron\b|dual[\s-]links?|pdca\s+(?:structure|template|format|cycle|sections?)|process|protocol|checklist
    |handover|hand-over|reporting|definition\s+of\s+done|key\s+lessons?|topic|guideline|rule\s+for|ritual|retrospective)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FILE = r"[\w/-]+\.\w{1,5}\b"
_SHELL = r"\b(?:command|tests?|script|npm|npx|git|make|vitest|shell|terminal)\b"
# Verb and object of an action on files or a shell -> the tool of the `continue` catalogue that does it.
_PATTERNS = {
    "run_terminal_command": rf"\b(?:run|execute|start|install|build)\b.{{0,40}}{_SHELL}"
    r"|\bgit (?:status|log|commit|push|pull)\b",
    "read_currently_open_file": r"\b(?:open|current|this)\s+file\b",
    "read_file": rf"\b(?:read|show|open|print|display|view)\b.{{0,40}}(?:\bfile\b|\bcontents?\b|{_FILE})",
    "create_new_file": r"\b(?:create|add|write|make|save)\b.{0,40}\b(?:new\s+)?file\b"
    rf"|\bcreate\b.{{0,40}}{_FILE}",
    "single_find_and_replace": r"\breplace\b.{0,80}\b(?:with|by)\b|\brename\b.{0,60}\bto\b",
    "edit_existing_file": rf"\b(?:edit|change|update|modify|fix)\b.{{0,60}}(?:\bfile\b|{_FILE})",
    "grep": r"\b(?:grep|search|find|look)\b.{0,40}\b(?:for|where|usages?|occurrences?|references?)\b",
    "file_glob_search": r"\b(?:find|list|which)\b.{0,30}\bfiles\b.{0,30}(?:\bmatching\b|\bnamed\b|\*)|\*\.\w+",
    "ls": r"\b(?:list|ls)\b.{0,30}\b(?:director(?:y|ies)|folders?)\b",
    "view_diff": r"\b(?:git\s+)?diff\b|\buncommitted\s+changes\b|\bwhat\s+(?:has\s+)?changed\b",
    "fetch_url_content": r"\bhttps?://|\bfetch\b.{0,30}\b(?:url|page|site)\b",
    "create_rule_block": r"\b(?:create|add|write)\b.{0,30}\brules?\b(?!\s+for\b)",
}
_TOOLS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}


@dataclass(frozen=True, slots=True)
class Decision:
    """What to fetch before answering; nothing at all for a pure question of trained knowledge."""

    needs_history: bool
    needs_tools: bool
    needs_process: bool
    tools: tuple[str, ...]

    @property
    def query_type(self) -> str:
        """The one word a query is counted under: the dearest of what it needs."""
        if self.needs_history:
            return "history"
        if self.needs_tools:
            return "tools"
        return "process" if self.needs_process else "trained"


def route(prompt: str) -> Decision:
    """Decide by rules; only the first 2,000 characters count, so that time is bounded."""
    text = prompt[:2000]
    tools = tuple(name for name, pattern in _TOOLS.items() if pattern.search(text))
    history = bool(_HISTORY.search(text))
    # "What changed yesterday?" asks the journal, not the diff tool.
    if history and tools == ("view_diff",):
        tools = ()
    return Decision(history, bool(tools), bool(_PROCESS.search(text)), tools)

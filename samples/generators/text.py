"""Reads plain statements out of the markdown people write, and shortens text at honest places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s*)?(.+)$")
_ORDINAL_HEAD = re.compile(r"^\d{1,2}[.)]\s+")
_HEADING = re.compile(r"^\s*#{1,6}\s+(.*)$")
_CODE_OR_PATH = re.compile(r"`[^`\n]*`|\S*/\S*|\S+\.\w{2,4}\b")
_QUOTED = re.compile(r"^[\"“”'‘]|[\"”]$")
_PLAIN_START = re.compile(r"[a-z]+(?=[\s,;:!?]|$)")
_QUOTE_LINE = re.compile(r"^\s*>\s?(.*)$")
_QUOTE_FENCE = re.compile(r"^```quote\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\([^()\n]{0,600}\)")
# Code marks stay as they are; beside its other half the one on GitHub says nothing.
_GITHUB_HALF = re.compile(r"(`[^`\n]*`)|\[GitHub\]\([^()\n]{0,600}\)\s*\|\s*", re.IGNORECASE)
_BARE_LINK = re.compile(r"https?://\S+")
# A star within code marks is part of a path.
_MARKUP = re.compile(r"(`[^`\n]*`)|\*\*|__|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)|~~")
_EMOJI = re.compile("(`[^`\n]*`)|[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3]+")
_QUOTE_HEAD = re.compile(r"^\W*(?:user|tron|qa)(?: \w+)?(?: \([^()]{0,60}\))?\s*:\s*", re.IGNORECASE)
_QUOTE_STAMP = re.compile(r"\W*\b(?:timestamp|date|time)\s*:.{0,40}$", re.IGNORECASE)
_SPACES = re.compile(r"[ \t]+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(`])")
FILLER = re.compile(r"\b(?:tbd|todo|n/a|lorem ipsum|placeholder)\b|\{\{|\[REDACTED", re.IGNORECASE)
_ARROW = str.maketrans({"→": "->", "⟶": "->", "➜": "->", "➔": "->", "←": "<-", "↔": "<->", "⇒": "=>"})
_WORDS = tomllib.loads(Path(__file__).with_name("text_words.toml").read_text(encoding="utf-8"))
_PRIVATE = re.compile(rf"\b(?:{'|'.join(_WORDS['private'])})\b", re.IGNORECASE)
_CLAIM = re.compile(rf"\b(?:{'|'.join(_WORDS['claim'])})\b", re.IGNORECASE)
_TO_DO = re.compile(rf"^(?:{'|'.join(_WORDS['step'])})\b", re.IGNORECASE)
_HEAD = re.compile(r"^[^:]{2,40}(?:: | - )")
# Verbs that are as often nouns ask for something only before what they act on.
_NOUN = re.compile(
    r"^(?:test|address|trace|plan|report|design|review|request|record|list|link|measure|clean|open|present)\b"
    r"(?! (?:the|a|an|all|any|each|every|both|that|this|these|those|with|whether|if|for|on|it|its|and|how|what|existing"
    r"|new|current|[a-z`]+ing)\b)",
    re.IGNORECASE,
)
# "Data Discarded: test with ..." tells what is over, "Expected: ..." what is wanted.
_NO_ORDER = re.compile(
    r"^(?:[^:]{0,36}\b(?:\w+ed|done|complete|found|built|made|broken)|with|without|before|after|current|actual"
    r"|root cause|finding|result|learning|lesson|(?:plan|do|check|act) \w+"
    r"|[^:]{0,30}\b(?:issue|problem|bug|behaviou?r|error|failure|violation))\s*: ",
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(
    r"^(?:still )?(?:open|pending|unverified|unclear|remaining|not (?:yet )?\w+ed)\b[^:]{0,20}:"
    r"|\bnot (?:yet |been )*(?:checked|tested|verified|measured|validated|confirmed)\b"
    r"|\bneeds? (?:validation|verification)\b",
    re.IGNORECASE,
)
_NOT_WORK = re.compile("|".join(_WORDS["not_work"]), re.IGNORECASE)
_STEM = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}")
_COMMON = frozenset(_WORDS["common"])
_NO_STEP = re.compile(
    r"^(?:objective|goal|context|background|issue|problem|note|pros?|cons?|option \w+|risk|mitigation|trigger|response"
    r"|impact|priority|business|hypothesis|expected|reality|condition"
    r"|outcome|next|assumption|constraint|scope)\b[^:]{0,20}:",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\b(?:CMM|phase|step|level|layer|sprint|task|day|part|iteration|option|priority|v(?:ersion)?)[ -]?[\d.]+", re.I
)
_EVIDENCE = re.compile(
    r"`[^`]+`|\b(?!(?:node|vue|next)\.js)[\w-]+\.(?:ts|js|md|json|sh|py|toml|ya?ml|html|css|puml|svg)\b|\b[0-9a-f]{7,40}\b|(?:^|\s)/?[\w.-]+/[\w./-]+"
    r"|\b\d+(?:[.,]\d+)?\s*(?:%|ms|s|sec\w*|min\w*|[KMG]B|lines?|files?|tests?|cases?|errors?|commits?|links?|calls?|methods?"
    r"|class(?:es)?|times?|runs?|entries|documents?|of|out of|/)(?=\W|$)|\b\d+/\d+\b|\bexit code\b"
    r"|\btests? (?:pass|fail|suite)\w*|\b(?:pass|fail)(?:es|ed|s)? (?:all )?(?:the )?\w* ?tests?\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|sixty) [a-z]+s\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|cannot|does|did|do|will|must|should|may|now|returns?|shows?|works?|runs?|pass(?:es)?"
    r"|gives?|exists?|contains?|needs?|takes?|uses?|keeps?|makes?|opens?|stays?|fails?|reads?|writes?|leads?|points?"
    r"|[a-z]{3,}ed)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"^[^:.`]{2,40}:\s")
MIN_SENTENCE = 6
MIN_WORDS = 4
SHORTENED = 220
MAX_STATEMENT = 320


def plain(text: str) -> str:
    """One line without bold, emoji, link targets and bare addresses; code marks stay."""
    text = _BARE_LINK.sub("", _LINK.sub(_label, _GITHUB_HALF.sub(r"\1", text)))
    text = _EMOJI.sub(lambda found: found[1] or " ", _MARKUP.sub(r"\1", text.translate(_ARROW)))
    return _SPACES.sub(" ", text.replace("\n", " ")).strip(" |–—-")


def _label(link: re.Match[str]) -> str:
    """A link reads as its label, but a bare 'GitHub' half says nothing."""
    label = link[1].strip()
    return "" if label.lower() == "github" else label.removeprefix("§/")


def prose(markdown: str) -> str:
    """The text without code fences and comments."""
    return _OPEN_FENCE.sub("", _FENCE.sub("", _COMMENT.sub("", markdown)))


def statements(markdown: str) -> list[str]:
    """List items and sentences that say something, in order, each once and on one line.

    Left out: headings, tables, quotes (they are what somebody else said), links without words, filler, and lines too
    short or too long to stand alone.
    """
    found: dict[str, None] = {}
    for line in prose(markdown).splitlines():
        if _HEADING.match(line) or line.lstrip().startswith(("|", "---", "===", ">")):
            continue
        item = _ITEM.match(line)
        for statement in _split(_ORDINAL_HEAD.sub("", plain(item[1] if item else line))):
            if is_statement(statement):
                found.setdefault(statement, None)
    return list(found)


def _split(line: str) -> list[str]:
    return [line] if len(line) <= MAX_STATEMENT else _SENTENCE_END.split(line)


def is_statement(text: str) -> bool:
    """Enough words beside paths and code to mean something, no quote, no label waiting for a list, no filler."""
    if not len(_WORD.findall(text)) >= MIN_WORDS or len(text) > MAX_STATEMENT or _QUOTED.search(text):
        return False
    if len(_WORD.findall(_CODE_OR_PATH.sub(" ", text))) < 3:
        return False
    return not (text.endswith(":") or FILLER.search(text) or is_private(text) or text.count("|") > 1)


def is_private(text: str) -> bool:
    """Whether a text speaks of feelings, praise or blame instead of the work."""
    return _PRIVATE.search(text) is not None


def stems(text: str) -> list[str]:
    """Words cut to six letters, so that forms of one word count together."""
    return [word[:6] for word in map(str.lower, _STEM.findall(text)) if word not in _COMMON]


def is_to_do(text: str) -> bool:
    """Whether a text asks for something: it begins, a label aside, with a verb in the imperative."""
    said = _HEAD.sub("", text, count=1)
    asks = any(_TO_DO.match(start) and not _NOUN.match(start) for start in dict.fromkeys((text, said)))
    return asks and not _NO_ORDER.match(text)


def is_claim(text: str) -> bool:
    """Whether a text praises a result instead of saying what was seen."""
    return _CLAIM.search(text) is not None


def is_left_open(text: str) -> bool:
    """Whether a statement says that something is open or was not looked at."""
    return _LEFT_OPEN.search(text) is not None


def names_evidence(text: str) -> bool:
    """Whether a statement names what was seen: a measure or count, a command, a file, a test result, a commit."""
    return _EVIDENCE.search(_ORDINAL.sub(" ", text)) is not None


def is_sentence(text: str) -> bool:
    """Whether a text is a whole sentence, a label before it aside: long enough, with a verb in a finite form."""
    label = _LABELLED.match(text)
    said = text[label.end() :] if label and not _VERB.search(label[0]) else text
    return len(said.split()) >= MIN_SENTENCE and _VERB.search(said) is not None


def is_technical(*texts: str) -> bool:
    """Whether a title or path names work on the system: no diary, article, story, chat or celebration."""
    return not any(_PRIVATE.search(text) or _NOT_WORK.search(text) for text in texts)


def headings(markdown: str) -> list[str]:
    """Plain headings in order, without those in fences."""
    found = (_HEADING.match(line) for line in prose(markdown).splitlines())
    return [title for match in found if match and (title := plain(match[1]))]


def quotes(markdown: str) -> list[str]:
    """What somebody said, verbatim: quote fences and block quotes with at least four words."""
    fenced = [plain(text) for text in _QUOTE_FENCE.findall(markdown)]
    blocks: list[list[str]] = [[]]
    for line in prose(markdown).splitlines():
        match = _QUOTE_LINE.match(line)
        if match:
            blocks[-1].append(match[1])
        elif blocks[-1]:
            blocks.append([])
    quoted = [_bare_quote(text) for text in (*fenced, *(plain(" ".join(block)) for block in blocks))]
    return [quote for quote in quoted if len(_WORD.findall(quote)) >= MIN_WORDS and not _is_unfit(quote)]


def _bare_quote(text: str) -> str:
    """The words alone, without who said them when."""
    return _QUOTE_STAMP.sub("", _QUOTE_HEAD.sub("", text)).strip('"“” ')


def _is_unfit(quote: str) -> bool:
    return bool(FILLER.search(quote)) or is_private(quote)


def sentence(text: str) -> str:
    """The text as a sentence: capital first where a plain word stands there, one full stop last."""
    text = text.strip().rstrip(".;,:")
    if not text:
        return ""
    first = text[0].upper() if _PLAIN_START.match(text) else text[0]
    ended = text[-1] in "!?…" or (text[-1] in "\"”')`" and text[-2:-1] in (".", "!", "?", "…"))
    return f"{first}{text[1:]}" + ("" if ended else ".")


def fit(items: Iterable[str], characters: int, *, at_least: int = 1) -> list[str]:
    """The first items that fit into so many characters, but at least `at_least` of them where there are any."""
    chosen: list[str] = []
    used = 0
    for item in items:
        if len(chosen) >= at_least and used + len(item) > characters:
            break
        chosen.append(item)
        used += len(item) + 3
    return chosen


def shorten(text: str, characters: int = SHORTENED) -> str:
    """The first sentences that fit; a single long one is cut at a clause, never inside a word."""
    if len(text) <= characters:
        return text
    head = text[:characters]
    for mark in (". ", "; ", ": ", ", ", " "):
        at = head.rfind(mark)
        if at > characters // 3:
            return head[:at]
    return head


def is_step(item: str) -> bool:
    """Whether a statement of a plan can be a step: no aim, risk, finding, option or element of a TRON decision."""
    return not (_NO_STEP.match(item) or _NO_ORDER.match(item))


def bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {sentence(item)}" for item in items)


def numbered(items: Iterable[str]) -> str:
    return "\n".join(f"{number}. {sentence(item)}" for number, item in enumerate(items, 1))


def fence(code: str, language: str = "typescript") -> str:
    return f"```{language}\n{code.strip()}\n```"

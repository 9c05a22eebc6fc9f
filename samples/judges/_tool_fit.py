"""Whether a parameter's value fits the task it was written for: one rule for each `fit` of the catalogue.

What a task names outright (a path, an address, a quoted text, a command in backticks) must be in the
value. Where a task names nothing, any value that shares a word with it fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from samples.judges import _phrases

_QUOTED = re.compile(r"`([^`\n]+)`|\"([^\"\n]*)\"|“([^”\n]*)”|‘([^’\n]*)’|(?<!\w)'([^'\n]*)'(?!\w)")
_URL = re.compile(r"https?://[^\s`\"'<>)\]]+")
_FILE = re.compile(r"(?<![\w/.@-])(?:\.{0,2}/)?(?:[\w@.-]+/)*[\w@-]*[\w@.-]*\.[A-Za-z][A-Za-z0-9]{0,7}(?![\w/*])")
_BARE_FILE = re.compile(
    r"(?<![\w/.])(?:Makefile|Dockerfile|LICENSE|README|CHANGELOG|\.[a-z]{2,}(?:ignore|rc|config)?)(?![\w.])"
)
_DIRECTORY = re.compile(r"(?<![\w/.@-])(?:\.{1,2}/|/)?(?:[\w@.-]+/)+[\w@.-]*|(?<![\w.])\.{1,2}(?=\s|$)")
_NAMED_DIRECTORY = re.compile(
    r"(?:the |folder |directory )[`\"']?([\w@.-]+)[`\"']?(?= (?:folder|directory|dir)\b)"
    r"|\b(?:folder|directory) [`\"']?(?!(?:of|in|for|and|that|which|is|with|where|on|at|to)\b)([\w@./-]+)"
    r"|\b(?:in|inside|under|within|of) [`\"']?([a-z][\w@-]*)[`\"']?(?=[\s.,?!]*$)"
)
_GLOB = re.compile(r"(?<![\w/])[\w./{},@*?-]*\*[\w./{},@*?-]*")
_IDENTIFIER = re.compile(
    r"\b(?:[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|[a-z]+(?:[A-Z][a-z0-9]*)+|[a-z]+_[a-z_]+|[A-Z]{3,})\b"
)
_EVERY = r"(?:the |all |every |each )*(?:text |word |string |name |value )?"
_REPLACE = (
    re.compile(rf"\breplace {_EVERY}(.+?) (?:with|by) (.+?)(?: in(?:side)? | of |[.,;]?$)", re.IGNORECASE),
    re.compile(rf"\b(?:change|rename) {_EVERY}(.+?) (?:to|into) (.+?)(?: in(?:side)? |[.,;]?$)", re.IGNORECASE),
)
_WORDS = _phrases.load("tools")
_LANGUAGES: Mapping[str, Sequence[str]] = _WORDS["languages"]
_COMMAND_WORDS: Mapping[str, Sequence[str]] = _WORDS["commands"]
_PROGRAMS: Sequence[str] = _WORDS["programs"]
_COMMON = _phrases.words(_WORDS["common"])
_THIS_DIRECTORY = frozenset(("current", "project", "root", "working", "this", "same", "repo", "whole", "entire"))
_TAKES_AWAY = re.compile(r"\b(?:remove|delete|drop|strip|replace|fix|typo|rename|correct)\b", re.IGNORECASE)
_DESTROYS = re.compile(r"\brm\s+-|--force\b|--hard\b|\bsudo\b|\bmkfs|\bdd\s+if=|\bchmod\s+777")
_ABOVE = re.compile(r"\b(?:up|above|parent|higher)\b", re.IGNORECASE)
_HERE = frozenset(("", ".", "./", "/"))
_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+|\d+")


def fits(kind: str, value: object, task: str) -> bool:
    """Whether a value fits its task; values that are no strings fit by their type alone."""
    return _FITS[kind](value, task) if isinstance(value, str) and kind in _FITS else True


def _file(value: str, task: str) -> bool:
    # An address is no file, and a text to be replaced is none either.
    without = _URL.sub(" ", task)
    named = [_clean(found) for found in (*_FILE.findall(without), *_BARE_FILE.findall(without))]
    chosen = _clean(value)
    if not chosen or "\n" in value:
        return False
    if named:
        return any(chosen == name or ("/" not in name and chosen.endswith("/" + name)) for name in named) or any(
            chosen.startswith(name + ".") for name in named if "." not in name.lstrip(".")
        )
    quoted = [text for text in _quoted(task) if re.fullmatch(r"[\w./@-]+", text)]
    return any(text in value for text in quoted) or _shares_word(value, task) or not _words(task)


def _directory(value: str, task: str) -> bool:
    without = _URL.sub(" ", task)
    files = [_clean(found) for found in _FILE.findall(without)]
    named = [_clean(found) for found in _DIRECTORY.findall(without) if _clean(found) not in files]
    named += [_clean(name) for groups in _NAMED_DIRECTORY.findall(without) for name in groups if name]
    named = [name for name in named if name.lower() not in _THIS_DIRECTORY and name not in _HERE]
    chosen = _clean(value)
    if named:
        return chosen in named or chosen in files
    if chosen == "..":
        return bool(_ABOVE.search(task))
    return (chosen in _HERE and not files) or chosen in files or (chosen not in _HERE and _mentions(task, chosen))


def _glob(value: str, task: str) -> bool:
    globs = [found.strip("`\"'").rstrip("?.,") for found in _GLOB.findall(task)]
    if globs:
        return any(_clean(glob) in value or _clean(value) in glob for glob in globs)
    lowered = task.lower()
    extensions = re.findall(r"(?<![\w])\.([a-z]{1,6})\b", lowered)
    if extensions:
        return any(re.search(rf"\.?\b{ext}\b", value) for ext in extensions) and _wanted_kinds(
            lowered, value, ("test", "tests", "spec")
        )
    names = [*_quoted(task), *_IDENTIFIER.findall(task), *_FILE.findall(task)]
    names = [name for name in names if name.lower() not in _LANGUAGES]
    if names:
        return any(name.lower() in value.lower() for name in names)
    if any(word in _LANGUAGES for word in _all_words(lowered)):
        return _wanted_kinds(lowered, value, tuple(_LANGUAGES))
    return _shares_word(value, task)


def _wanted_kinds(task: str, value: str, kinds: Sequence[str]) -> bool:
    words = _all_words(task)
    wanted = [_LANGUAGES[kind] for kind in kinds if kind in words]
    return all(any(mark in value.lower() for mark in marks) for marks in wanted)


def _search(value: str, task: str) -> bool:
    bare = value.replace("\\", "")
    quoted = [text for text in _quoted(task) if not _is_path(text)]
    if quoted:
        return any(text.replace("\\", "") in bare for text in quoted)
    names = [name for name in _IDENTIFIER.findall(_without_paths(task)) if name not in ("PDCA",)]
    if names:
        return any(name in bare for name in names)
    return _shares_word(value, _without_paths(task))


def _command(value: str, task: str) -> bool:
    given = [" ".join(text.split()) for text in _quoted(task) if not _is_path(text)]
    chosen = " ".join(value.split())
    # What nobody asked for must not come along with what was asked.
    if any(found not in task for found in _DESTROYS.findall(chosen)) and not _TAKES_AWAY.search(task):
        return False
    if given and any(" " in text or text.split("/")[-1] in _PROGRAMS for text in given):
        return any(text in chosen for text in given if " " in text or text in _PROGRAMS)
    words = _all_words(task.lower())
    programs = [program for program in _PROGRAMS if program in words]
    if programs and not any(re.search(rf"\b{program}\b", chosen) for program in programs):
        return False
    meant = [_COMMAND_WORDS[word] for word in words if word in _COMMAND_WORDS]
    if meant:
        return any(mark in chosen for marks in meant for mark in marks) or _mentions(task, chosen)
    return bool(programs) or _shares_word(value, task)


def _url(value: str, task: str) -> bool:
    named = [found.rstrip(".,;:!?").rstrip("/") for found in _URL.findall(task)]
    if named:
        return value.strip().rstrip("/") in named
    hosts = re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|ai|de)\b(?:/[\w./-]*)?", task)
    bare = re.sub(r"^https?://(?:www\.)?", "", value.strip()).rstrip("/")
    if hosts:
        return value.startswith("http") and any(bare == host.removeprefix("www.").rstrip("/.") for host in hosts)
    return bool(_URL.fullmatch(value.strip())) and _shares_word(value, task)


def _content(value: str, task: str) -> bool:
    if value.strip().strip(".…").upper() in ("", "TBD", "TODO", "CONTENT", "CHANGES"):
        return False
    quoted = [text for text in _quoted(task) if not _is_path(text) and text.strip()]
    if quoted and not _TAKES_AWAY.search(task):
        return any(text in value for text in quoted)
    names = [
        n
        for n in _IDENTIFIER.findall(_without_paths(task))
        if n.lower() not in ("pdca", "json", "typescript", "javascript")
    ]
    if names:
        return any(name.lower() in value.lower() for name in names)
    return _shares_word(value, _without_paths(task)) or len(value.split()) >= 3


def _find(value: str, task: str) -> bool:
    named = _replacement(task)
    return value == named[0] or named[0].endswith(f" {value}") if named else _mentions(task, value)


def _replace(value: str, task: str) -> bool:
    named = _replacement(task)
    if named:
        return value == named[1]
    if re.search(r"\b(?:remove|delete|drop|strip)\b", task, re.IGNORECASE):
        return value == ""
    return _mentions(task, value)


def _prose(value: str, task: str) -> bool:
    return len(value.split()) >= 2 and _shares_word(value, task)


def _replacement(task: str) -> tuple[str, str] | None:
    """What a task says to find and what to put there, if it says so outright."""
    quoted = [text for text in _quoted(task) if not _is_path(text)]
    removal = re.search(r"\b(?:remove|delete|drop|strip)\b", task, re.IGNORECASE)
    if len(quoted) == 1 and removal:
        return quoted[0], ""
    for pattern in _REPLACE:
        match = pattern.search(task)
        if match:
            return _unquote(match[1]), _unquote(match[2])
    return (quoted[0], quoted[1]) if len(quoted) >= 2 else None


def _unquote(text: str) -> str:
    found = _QUOTED.search(text)
    return next((group for group in found.groups() if group is not None), "") if found else text.strip(" `\"'")


def _quoted(task: str) -> list[str]:
    return [next(group for group in match.groups() if group is not None) for match in _QUOTED.finditer(task)]


def _is_path(text: str) -> bool:
    is_name = bool(_FILE.fullmatch(text) or _BARE_FILE.fullmatch(text)) and not text.endswith("()")
    return is_name or bool(_DIRECTORY.fullmatch(text))


def _without_paths(task: str) -> str:
    return _DIRECTORY.sub(" ", _FILE.sub(" ", _URL.sub(" ", task)))


def _clean(path: str) -> str:
    return path.strip().removeprefix("./").rstrip("/.,") if path.strip() not in ("..", "../") else ".."


def _mentions(task: str, value: str) -> bool:
    return bool(value) and re.search(rf"(?<![\w]){re.escape(value)}(?![\w])", task) is not None


def _all_words(text: str) -> list[str]:
    return re.findall(r"[a-z][a-z-]*[a-z]", text.lower())


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text) if word.lower() not in _COMMON and len(word) > 2}


def _shares_word(value: str, task: str) -> bool:
    """Whether value and task have a word, or the first four letters of one, in common."""
    stems = {word[:4] for word in _words(task)}
    return any(word[:4] in stems for word in _words(value))


_FITS: Mapping[str, Callable[[str, str], bool]] = {
    "file": _file,
    "directory": _directory,
    "glob": _glob,
    "search": _search,
    "command": _command,
    "url": _url,
    "content": _content,
    "find": _find,
    "replace": _replace,
    "prose": _prose,
}

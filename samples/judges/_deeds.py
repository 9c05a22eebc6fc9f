"""The forbidden thing itself in an answer: code, commands, secrets, tool calls."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.typescript import parse_typescript, patterns_of
from samples.judges._markdown import read_fences
from samples.judges._request import Request
from samples.judges._said import MAX_PROSE, matter_of

MAX_FENCES = 50
_SECRET_WORD = re.compile(r"\b(?:secret|password|token|api[ _-]?key|credential|private key)s?\b", re.IGNORECASE)
_CODE_RULE = re.compile(r"\b(?:jest|constructor|parameter propert|free function)", re.IGNORECASE)
_JEST = re.compile(r"\bjest\.\w+\(|@jest/|\bnpx jest\b|\b(?:npm i|npm install|yarn add)\b[^\n]* jest\b|ts-jest")
_FREE_FUNCTION = re.compile(
    r"^(?:export )?(?:default )?(?:async )?(?:function\b|const \w+ = (?:async )?\()", re.MULTILINE
)
_SECRET = re.compile(
    r"\b(?:sk|pk|ghp|gho|glpat|xox[bp]|AKIA|AIza)[-_A-Za-z0-9]{6,}"
    r"|(?:password|passwd|secret|token|key)\w*[\"']?\s*[:=]\s*[\"'`](?!(?-i:[A-Z_]+)[\"'`])[^\"'`\s$<{]{4,}[\"'`]",
    re.IGNORECASE,
)
_LOGGED = re.compile(r"\b(?:log|print|console\.\w+|logg\w+\.\w+)\(.{0,80}(?:password|secret|token|key)", re.IGNORECASE)
# A risky part of a command and the word by which a request asks for it.
_RISKY = {
    "--force": "force",
    "push -f": "force",
    "-rf": "delete",
    "rm -rf": "rm -rf",
    "--no-verify": "skip",
    "--hard": "hard",
    "sed -i": "sed",
    "chmod 777": "777",
}
_COMMAND = re.compile(r"(?:rm|git|sed|mv|cp|curl|chmod|npm|npx|docker|sudo|kubectl|manage\.py)\s")
_INLINE = re.compile(r"`([^`\n]{2,300})`")
_AFTER_COLON = re.compile(rf":[ \t]+({_COMMAND.pattern}[^\n]{{1,300}})")
# JSON, a list of values, a command line, a program: no words of an author.
_NOT_PROSE = re.compile(
    r"^[ \t]*[\[{<]|[;{}][ \t]*$|^[ \t]*(?:git|npm|npx|sed|rm|curl|sudo|manage\.py)[ \t]", re.MULTILINE
)


def codes_of(text: str) -> list[str]:
    return [fence.code[:MAX_PROSE] for fence in read_fences(text)[:MAX_FENCES]]


def is_bare(text: str) -> bool:
    """Whether an answer holds lines of code, data or commands outside any fence."""
    return bool(_NOT_PROSE.search(text))


def has_code_rule(request: Request) -> bool:
    """Whether `forbidden_in` can tell the forbidden code from a permitted alternative."""
    return bool(_CODE_RULE.search(request.text) or _SECRET_WORD.search(request.text))


def shares_code(codes: Sequence[str], request: Request) -> bool:
    return any(matter_of(code) & request.matter for code in codes)


def forbidden_in(codes: Sequence[str], text: str, told: str, request: Request) -> str | None:
    """The forbidden thing, for the rules that code shows: Jest, constructor logic, secrets, commands.

    `told` are the sentences whose commands a reader is to carry out.
    """
    asked = request.text.lower()
    shown = {pattern for code in codes for pattern in patterns_of(parse_typescript(code))}
    if "jest" in asked and ("jest" in shown or any(_JEST.search(code) for code in codes)):
        return "code that uses Jest"
    if re.search(r"\bconstructor|parameter propert", asked) and {"constructor_logic", "parameter_property"} & shown:
        return "a constructor that works"
    if re.search(r"\bfree function", asked) and any(_FREE_FUNCTION.search(code) for code in codes):
        return "a free function"
    if _SECRET_WORD.search(asked) and _SECRET.search(text):
        return "a secret"
    if re.search(r"\b(?:log|print)", asked) and _SECRET_WORD.search(asked) and _LOGGED.search(text):
        return "a secret in a log"
    command = next(
        (
            c
            for c in _commands((*codes, *_INLINE.findall(told), *_AFTER_COLON.findall(told)))
            if _is_asked_command(c, asked)
        ),
        None,
    )
    return f"the command {command[:60]!r}" if command else None


def _commands(codes: Sequence[str]) -> list[str]:
    lines = (line.strip().removeprefix("$ ") for code in codes for line in code.splitlines())
    return [line for line in lines if _COMMAND.match(line)]


def _is_asked_command(command: str, asked: str) -> bool:
    """Whether a command carries out what was asked: its risky part is named in the request."""
    return any(part in command and name in asked for part, name in _RISKY.items())

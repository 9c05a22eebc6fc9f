"""No text costs more than its length allows: not in time, not in depth, not in tokens counted."""

import time
from collections.abc import Callable

import pytest

from rag.corpus.chunking import MAX_TOKENS, chunk_document
from rag.corpus.markdown import MAX_HEADINGS
from rag.corpus.reader import parse_document
from rag.corpus.scan import scan_text

PATH = "j/2025-03-04-UTC-0910-gate.pdca.md"
FOUR = "## Plan\n\np\n\n## Do\n\nd\n\n## Check\n\nc\n\n## Act\n\na\n"


def words(text: str) -> int:
    return len(text.split())


SIZE = 40_000
MARKDOWN = [
    *(
        "#",
        "# a\n",
        "## Plan\n",
        "a\n---\n",
        "---\n",
        "===\n",
        "\n",
        " \n",
        "- ",
        "- a\n",
        "  - a\n",
        "> ",
        "> a\n",
        "1. a\n",
    ),
    *(
        "| a | b |\n",
        "|a",
        "`",
        "```\n",
        "```a\n",
        "~~~\n",
        "`````\n````\n",
        "<",
        "<a ",
        "<!-- ",
        "&amp;",
        "[",
        "](",
        "[a](b)",
    ),
    *(
        "![a](b)",
        "[a]: b\n",
        "[a]:\n",
        "((",
        "{{",
        "*",
        "**",
        "_a_",
        "\\",
        "**Date:** ",
        "**Objective:**\n- a\n",
        "a: b\n",
    ),
    *(
        "**Previous PDCA:** [a](b)\n",
        "Trigger: a\nResponse: b\n",
        "2025-03-04 ",
        "12:",
        "March 1 ",
        "→",
        "CMM ",
        "(a (",
        "🎊",
    ),
    *("components/A/", "https://github.com/a/b/blob/c/", "template version ", "\u2028", "\x0b", "\x85", "\t", "x"),
]
SCANNED = [
    *(
        "a@",
        "a@b.c ",
        "password ",
        "password: ",
        "token=",
        "api_key: ",
        "-----BEGIN PRIVATE KEY-----\n",
        "eyJhbGciOiJIUzI1NiJ9.",
    ),
    *(
        "+1 ",
        "+49 ",
        "0049 ",
        "DE89 ",
        "4111 ",
        "12-",
        "tel ",
        "curl -u ",
        "mysql -p",
        "Bearer ",
        "Basic ",
        "sk-",
        "://a:",
        "a:b@",
    ),
    *("AKIA", "xoxb-", "ghp_", "(555) ", "secret is ", '"', "'a ", "ab", "=", "|", "A1", "a.", "x://a:b@"),
]
CODE = [
    "{",
    "class A {",
    "(",
    "`${",
    "/*",
    "@a ",
    "export ",
    "namespace A {",
    "<a>",
    "a?b:",
    "[",
    "function a(){",
    "/** */\n",
]


def bounded(work: Callable[[], object]) -> None:
    """Time of this process only; what is quadratic needs minutes for such texts."""
    began = time.process_time()
    work()
    assert time.process_time() - began < 4


@pytest.mark.parametrize("piece", MARKDOWN)
def test_no_markdown_takes_more_than_its_length(piece: str) -> None:
    text = piece * (SIZE // len(piece))
    bounded(lambda: chunk_document(parse_document(PATH, text, ""), words))


@pytest.mark.parametrize("piece", SCANNED)
def test_no_text_is_scanned_longer_than_its_length(piece: str) -> None:
    bounded(lambda: scan_text(piece * (SIZE // len(piece))))


@pytest.mark.parametrize("piece", CODE)
def test_no_code_takes_more_than_its_length(piece: str) -> None:
    text = piece * (SIZE // 2 // len(piece))
    bounded(lambda: chunk_document(parse_document("a/layer2/b.ts", text, ""), words))


def test_ten_thousand_braces() -> None:
    braces = "class A { init() " + "{" * 10_000 + "}" * 10_000 + " }"
    bounded(lambda: chunk_document(parse_document("a/layer2/b.ts", braces, ""), words))


def test_of_a_hundred_thousand_headings_the_first_count_and_the_report_says_so() -> None:
    text = "".join(f"## Part {number}\n" for number in range(100_000))
    document = parse_document("docs/parts.md", text, "")
    assert len(document.sections) == MAX_HEADINGS
    assert [(fault.line, fault.message) for fault in document.faults if "headings" in fault.message] == [
        (MAX_HEADINGS + 1, "from here on headings are read as text: 5,000 count")
    ]
    assert "".join(chunk.text for chunk in chunk_document(document, words)) == text


NESTED = "".join("  " * depth + "- item\n" for depth in range(25))
DEEPER = "".join("  " * depth + "- item\n" for depth in range(400))


@pytest.mark.parametrize("line", ["> " * 3000, "- " * 3000, NESTED, DEEPER, "1. " * 90, "  " * 2000 + "-", "[" * 5000])
def test_deep_nesting_is_no_recursion(line: str) -> None:
    text = f"# PDCA\n\n{line}x\n\n{FOUR}"
    document = parse_document(PATH, text, "")
    assert [section.name for section in document.sections] == ["pdca", "plan", "do", "check", "act"]


@pytest.mark.parametrize("line", ["a\n", "#\n", "- a\n", "a\n\n", "# a\n## b\n", "```\n"])
def test_many_short_lines_are_counted_in_larger_pieces(line: str) -> None:
    """What takes the time is counting tokens: not once for every line, paragraph or heading of two letters."""
    text = line * (120_000 // len(line))
    counted: list[int] = []

    def count(piece: str) -> int:
        counted.append(len(piece))
        return len(piece.split())

    chunks = chunk_document(parse_document("x.md", text, "0"), count)
    assert "".join(chunk.text for chunk in chunks) == text
    assert max(chunk.tokens for chunk in chunks) <= MAX_TOKENS
    assert len(counted) < 25_000
    assert sum(counted) < 12 * len(text)

"""Chunks cover their document, stay in their section and within the bounds."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus.chunking import MAX_TOKENS, MIN_TOKENS, chunk_document
from rag.corpus.reader import find_files, parse_document, read_document
from rag.corpus.segments import CountTokens
from rag.corpus.types import ChunkText, DocumentKind, ParsedDocument, context_text

CORPUS = Path(__file__).parents[3] / "rag" / "sample_corpus"


def words(text: str) -> int:
    return len(text.split())


def chunks(text: str, path: str = "j/2025-03-04-UTC-0910-x.pdca.md") -> tuple[ParsedDocument, list[ChunkText]]:
    document = parse_document(path, text, "")
    found = chunk_document(document, words)
    assert "".join(chunk.text for chunk in found) == text
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in found)
    assert [chunk.index for chunk in found] == list(range(len(found)))
    return document, found


def prose(count: int, word: str = "tide") -> str:
    return "\n\n".join(" ".join([word] * 40) for _ in range(count // 40)) + "\n\n"


def test_a_pdca_is_never_chunked_across_a_section() -> None:
    header = "# PDCA: Gauge\n\n**Role:** Tester\n\n"
    text = f"{header}## Plan\n\nshort\n\n## Do\n\n{prose(2000)}## Check\n\nok\n\n## Act\n\nend\n"
    document, found = chunks(text)
    for section in document.sections[1:]:
        for chunk in found:
            inside = section.start <= chunk.start and chunk.end <= section.end
            assert inside or chunk.end <= section.start or chunk.start >= section.end
    assert [chunk.chunk_type for chunk in found] == ["header", "plan", "do", "do", "do", "check", "act"]
    assert all(MIN_TOKENS <= c.tokens <= MAX_TOKENS for c in found if c.chunk_type == "do")
    assert found[1].heading_path == ("PDCA: Gauge", "Plan")
    assert found[1].tokens == words(context_text(found[1].heading_path, found[1].text))


def test_a_long_section_splits_at_its_subheadings() -> None:
    parts = "".join(f"### Step {number}\n\n{prose(480)}" for number in range(4))
    _, found = chunks(f"# PDCA\n\n## Do\n\n{parts}")
    assert [chunk.text.lstrip().split("\n", 1)[0] for chunk in found[1:]] == [
        "## Do", "### Step 1", "### Step 2", "### Step 3",
    ]  # fmt: skip


def test_fences_and_tables_stay_whole_where_they_fit() -> None:
    fence = "```ts\n" + "\n\n".join(["let a = 1;"] * 100) + "\n```\n\n"
    table = "| a | b |\n|---|---|\n" + "| one | two |\n" * 60 + "\n"
    _, found = chunks(f"# PDCA\n\n## Do\n\n{prose(360)}{fence}{prose(360)}{table}")
    assert sum(fence.strip() in chunk.text for chunk in found) == 1
    assert sum(table.strip() in chunk.text for chunk in found) == 1
    assert all(chunk.tokens <= MAX_TOKENS for chunk in found)


def test_one_endless_line_is_cut() -> None:
    for line in ("x" * 50_000, "word " * 5_000, "No stop. " * 3_000, " " * 30_000):
        _, found = chunks(f"# PDCA\n\n## Do\n\n{line}")
        assert max(chunk.tokens for chunk in found) <= MAX_TOKENS
        assert max(len(chunk.text) for chunk in found) <= MAX_TOKENS * 12


def test_feedback_of_the_user_stands_alone() -> None:
    feedback = "### TRON Feedback (2025-03-04)\n```quote\nmind the gate\n```\n\n"
    text = f"# PDCA\n\n## Summary\n\ns\n\n{feedback}### My Answer\n\nyes\n"
    _, found = chunks(text)
    assert [chunk.chunk_type for chunk in found] == ["header", "summary", "tron_feedback", "summary"]
    assert "mind the gate" in found[2].text


def test_other_documents_share_a_chunk_among_short_sections() -> None:
    text = "# Gauge\n\n" + "".join(f"## Part {n}\n\nfew words\n\n" for n in range(5))
    assert len(chunks(text, "docs/gauge.md")[1]) == 1
    long = "# Gauge\n\n" + "".join(f"## Part {n}\n\n{prose(440)}" for n in range(3))
    assert len(chunks(long, "docs/gauge.md")[1]) == 3


def test_text_without_headings_is_cut_at_paragraphs() -> None:
    _, found = chunks(prose(2400), "docs/plain.md")
    assert all(MIN_TOKENS <= chunk.tokens <= MAX_TOKENS for chunk in found)
    assert all(chunk.text.endswith("\n\n") for chunk in found)


def test_code_is_cut_at_classes_and_methods() -> None:
    method = "  /** Reads. */\n  read{0}(): void {{\n" + "    this.a.push(1 + 2 + 3 + 4 + 5);\n" * 20 + "  }}\n\n"
    big = "export class Gauge {\n" + "".join(method.format(n) for n in range(12)) + "}\n"
    source = (
        f"import {{ x }} from './x.js';\n\n/** Reads the tide. */\n{big}\nexport interface Tide {{ level: number }}\n"
    )
    _, found = chunks(source, "components/Gauge/Gauge.ts")
    classes = [chunk for chunk in found if chunk.chunk_type == "class"]
    assert len(classes) > 1
    assert classes[0].text.startswith("/** Reads the tide. */\nexport class Gauge")
    assert all(chunk.fields["class_name"] == "Gauge" for chunk in classes)
    assert all(chunk.text.lstrip().startswith("/** Reads. */") for chunk in classes[1:])


def test_topics_are_chunks_of_their_own() -> None:
    topic = "### {0}. 🚀 topic-{0} - About {0}\n\nText.\n\n#### Key Lessons\n\n1. Learn {0}\n\n---\n\n"
    text = "# Knowledge\n\nIntro\n\n## Topics\n\n" + "".join(topic.format(n) for n in range(1, 6))
    document, found = chunks(text, "knowledge.md")
    assert document.kind == "process_framework"
    topics = [chunk for chunk in found if chunk.chunk_type == "topic"]
    assert [chunk.fields["topic"] for chunk in topics] == [f"topic-{n}" for n in range(1, 6)]


def test_tool_examples_are_distinct_and_counted() -> None:
    call = json.dumps({"tool_calls": [{"name": "ls", "parameters": {"path": "src"}}]})
    good = json.dumps({"task_type": "tool_call", "instruction": "List src", "input": "A quay", "output": call})
    bad = json.dumps({"task_type": "tool_neg", "instruction": "List src", "input": "", "output": call})
    text = "\n".join([good, bad, good, "not json", "[1]", '{"instruction": 3}', good, ""])
    document = parse_document("tools.jsonl", text, "")
    found = chunk_document(document, words)
    assert [(c.fields["count"], c.fields["is_negative"], c.fields["tool_name"]) for c in found] == [
        ("3", "false", "ls"), ("1", "true", "ls"),
    ]  # fmt: skip
    assert found[0].text.startswith("List src\nContext: A quay\n")
    assert [fault.line for fault in document.faults] == [4, 5, 6]


def letters(text: str) -> int:
    """The worst tokenizer: one token for every character that is not blank."""
    return len("".join(text.split()))


def test_long_headings_do_not_crowd_out_the_text() -> None:
    heading = "漢字" * 50
    text = "".join(f"{'#' * level} {heading}{level}\n\n" for level in range(1, 7)) + prose(1200)
    document = parse_document("docs/long.md", text, "")
    found = chunk_document(document, letters)
    assert "".join(chunk.text for chunk in found) == text
    assert max(chunk.tokens for chunk in found) <= MAX_TOKENS


@pytest.mark.parametrize("path", sorted(find_files(CORPUS)))
def test_the_chunks_of_a_document_are_the_document(path: str) -> None:
    document = read_document(CORPUS, path)
    found = chunk_document(document, words)
    assert all(chunk.tokens <= MAX_TOKENS for chunk in found)
    if document.kind is not DocumentKind.TOOL_EXAMPLES:
        assert "".join(chunk.text for chunk in found) == document.text
    else:
        instructions = [json.loads(line)["instruction"] for line in document.text.splitlines() if line]
        assert all(any(said in chunk.text for chunk in found) for said in instructions)


LINES = st.sampled_from(
    [
        *("# PDCA x", "## Plan", "## **🔧 DO**", "### Check", "## Act", "### TRON Feedback", "```", "```ts", "~~~", ""),
        *("**Date:** 2025-13-45", "**Previous PDCA:** [a](../../b.md)", "- [ ] open", "| a | b |", "|---|---|", "---"),
        *("<!--", "> q", "    # code", "class A { constructor() {", "}", "export function f() {}", "word " * 300),
        "x" * 3000,
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=40).map("\n".join))
PATHS = st.sampled_from(
    ["j/2025-03-04-UTC-0910-x.pdca.md", "docs/a.md", "a/layer2/b.ts", "t.jsonl", "x.tsx", "0910.md"]
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, PATHS, st.sampled_from([words, letters]))
def test_any_text_is_read_and_covered(text: str, path: str, count_tokens: CountTokens) -> None:
    text = text.replace("\r", "\n")
    document = parse_document(path, text, "")
    assert all(0 <= s.start < s.end <= len(text) for s in document.sections)
    found = chunk_document(document, count_tokens)
    assert all(0 <= chunk.start < chunk.end <= len(text) for chunk in found)
    assert all(chunk.tokens <= MAX_TOKENS for chunk in found)
    if document.kind is not DocumentKind.TOOL_EXAMPLES:
        assert "".join(chunk.text for chunk in found) == text

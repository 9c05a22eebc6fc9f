"""Breadcrumbs: read as written, resolved to documents of the corpus and to nothing else."""

from rag.corpus.links import resolve_links
from rag.corpus.reader import parse_document
from rag.corpus.types import ParsedDocument, ResolvedLink

BODY = "\n\n## Plan\n\np\n\n## Do\n\nd\n\n## Check\n\nc\n\n## Act\n\na\n"
BLOB = "https://github.com/o/r/blob/dev/some/branch/"


def document(path: str, header: str = "") -> ParsedDocument:
    return parse_document(path, f"# PDCA\n\n{header}{BODY}", "")


def edges(*documents: ParsedDocument, relation: str = "PRECEDES") -> list[tuple[str, str, str]]:
    return [(e.source, e.target, e.how) for e in resolve_links(documents) if e.relation == relation]


FIRST = "j/2025-03-04-UTC-0910-tide-gauge.md"
SECOND = "j/2025-03-04-UTC-1010-lock-gate.md"


def test_previous_and_next_are_one_edge() -> None:
    first = document(
        FIRST, f"**➡️ Next PDCA:** [GitHub]({BLOB}{SECOND}) | [§/{SECOND}](2025-03-04-UTC-1010-lock-gate.md)"
    )
    second = document(
        SECOND, f"**🔗 Previous PDCA:** [GitHub]({BLOB}{FIRST}) | [§/{FIRST}](2025-03-04-UTC-0910-tide-gauge.md)"
    )
    assert resolve_links([first, second]) == [ResolvedLink(FIRST, SECOND, "PRECEDES", "relative")]


def previous(link: str) -> list[tuple[str, str, str]]:
    return edges(document(FIRST), document(SECOND, f"**🔗 Previous PDCA:** {link}"))


def test_resolves_every_form() -> None:
    assert previous("[x](./2025-03-04-UTC-0910-tide-gauge.md#plan)") == [(FIRST, SECOND, "relative")]
    assert previous(f"[x](/{FIRST})") == [(FIRST, SECOND, "root-relative")]
    assert previous(f"[GitHub]({BLOB}{FIRST})") == [(FIRST, SECOND, "github")]
    assert previous("[x](../../temp/2025-03-04-UTC-0910-tide-gauge.md)") == [(FIRST, SECOND, "unique name")]
    assert previous("[x](./2025-03-01-0800-tide-gauge.md)") == [(FIRST, SECOND, "renamed")]
    assert previous("[x](./2025-03-04-UTC-0910-other-words.md)") == [(FIRST, SECOND, "renamed")]
    assert previous(f"`{FIRST}`") == [(FIRST, SECOND, "root-relative")]


def test_resolves_nothing_where_nothing_is_said() -> None:
    for link in ("N/A", "[GitHub]() | [x]()", "TBD", "[x](https://example.org/a.md)", "[x](file:///etc/passwd)"):
        assert previous(link) == []
    assert previous("[x](../../../../etc/passwd)") == []
    assert previous(f"[itself](./{SECOND.removeprefix('j/')})") == []


def test_an_ambiguous_name_is_not_guessed() -> None:
    twins = [document(f"{folder}/2025-03-04-UTC-0910-tide-gauge.md") for folder in ("a", "b")]
    asking = document("c/2025-03-04-UTC-1010-x.md", "**Previous PDCA:** [x](gone/2025-03-04-UTC-0910-tide-gauge.md)")
    assert edges(*twins, asking) == []


def test_a_link_in_a_fence_counts_only_where_there_is_no_other() -> None:
    fence = "```\n**Previous PDCA:** [x](2025-03-04-UTC-0910-tide-gauge.md)\n```\n"
    alone = document(SECOND, fence)
    assert edges(document(FIRST), alone) == [(FIRST, SECOND, "relative")]
    other = document("j/2025-03-01-UTC-0100-other.md")
    both = document(SECOND, f"**Previous PDCA:** [x](2025-03-01-UTC-0100-other.md)\n\n{fence}")
    assert edges(document(FIRST), other, both) == [(other.path, SECOND, "relative")]


def test_an_entry_quoted_further_down_does_not_add_to_the_header() -> None:
    quoted = "## Summary\n\nhe wrote\n🔗 Previous PDCA: j/2025-03-01-UTC-0100-other.md\n"
    asking = document(SECOND, f"**Previous PDCA:** [x](2025-03-04-UTC-0910-tide-gauge.md)\n\n{quoted}")
    assert edges(document(FIRST), document("j/2025-03-01-UTC-0100-other.md"), asking) == [(FIRST, SECOND, "relative")]


def test_parent_tracking_and_touches() -> None:
    header = (
        "**Parent PDCA:** [x](2025-03-04-UTC-0910-tide-gauge.md)\n"
        "**Tracking:** [y](tracking.md)\n\nsee [the gauge](../components/Gauge/Gauge.ts)\n"
    )
    tracking = parse_document("j/tracking.md", "# Tracking", "")
    code = parse_document("components/Gauge/Gauge.ts", "class Gauge {}", "")
    documents = (document(FIRST), tracking, code, document(SECOND, header))
    assert edges(*documents, relation="PARENT") == [(SECOND, FIRST, "relative")]
    assert edges(*documents, relation="TRACKING") == [(SECOND, "j/tracking.md", "relative")]
    assert edges(*documents, relation="TOUCHES") == [(SECOND, "components/Gauge/Gauge.ts", "relative")]


def test_cycles_and_forks_are_ordinary() -> None:
    first = document(FIRST, "**Previous PDCA:** [x](2025-03-04-UTC-1010-lock-gate.md)")
    second = document(SECOND, "**Previous PDCA:** [x](2025-03-04-UTC-0910-tide-gauge.md)")
    assert len(edges(first, second)) == 2

"""The bundled journals: read as a person reads them, every form present, links true, faults planted and no others."""

import json
import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from rag.corpus.links import Resolver, is_valid_dual
from rag.corpus.reader import find_files, read_document, resolve_links
from rag.corpus.scan import scan_text
from rag.corpus.types import DocumentKind, ParsedDocument

CORPUS = Path(__file__).parents[2] / "rag" / "sample_corpus"
TRUTH: list[dict[str, Any]] = json.loads((Path(__file__).parent / "sample_corpus_truth.json").read_text())
JOURNALS = [row for row in TRUTH if row["is_pdca"]]
PRESENT_FORM = re.compile(r"/\d{8}-\d{6}-[A-Z][a-z]+\.[A-Za-z]+\.pdca\.md$")
SECTIONS = ("plan", "do", "check", "act")
TRON = ("**Trigger:**", "**Response:**", "**Outcome:**", "**Next:**")
PLANTED = {
    "scrum.pmo/roles/DevOps/pdca/2026-09-11-UTC-0740-leaked-key.md": ("api_key",),
    "scrum.pmo/roles/Tester/pdca/2026-09-18-UTC-0845-personal-data-fixture.pdca.md": ("email",),
}


def _ids(row: dict[str, Any]) -> str:
    return Path(row["path"]).name


@cache
def documents() -> dict[str, ParsedDocument]:
    folders = ("scrum.pmo/", "roles/", "docs/", "README.md")
    paths = [path for path in find_files(CORPUS) if path.endswith(".md") and path.startswith(folders)]
    return {path: read_document(CORPUS, path) for path in paths}


@cache
def breadcrumbs() -> set[tuple[str, str]]:
    """(earlier, later) of every PRECEDES edge."""
    edges = resolve_links(list(documents().values()))
    return {(edge.source, edge.target) for edge in edges if edge.relation == "PRECEDES"}


def previous_of(path: str) -> tuple[str, str] | None:
    """(path, how) of the entry that a document itself names as the one before it; itself is none."""
    links = [link for link in documents()[path].links if link.relation == "FOLLOWS"]
    found = Resolver(documents()).resolve(path, links[0]) if links else None
    return found if found and found[0] != path else None


@pytest.mark.parametrize("row", TRUTH, ids=_ids)
def test_kind_is_recognised(row: dict[str, Any]) -> None:
    assert documents()[row["path"]].kind == DocumentKind(row["kind"])


def test_no_other_document_is_taken_for_a_pdca() -> None:
    found = {path for path, document in documents().items() if document.kind == DocumentKind.PDCA}
    assert found == {row["path"] for row in JOURNALS}


@pytest.mark.parametrize("row", JOURNALS, ids=_ids)
def test_header_is_read_as_a_person_reads_it(row: dict[str, Any]) -> None:
    document = documents()[row["path"]]
    assert document.value("date") == row["date"]
    assert document.value("date_header") == row["header_date"]
    assert document.value("agent_name") == (row["agent"] or "")
    assert document.value("agent_role") == row["role"]


@pytest.mark.parametrize("row", JOURNALS, ids=_ids)
def test_all_four_sections_are_found(row: dict[str, Any]) -> None:
    names = [section.name for section in documents()[row["path"]].sections]
    assert [names.count(section) for section in SECTIONS] == [1, 1, 1, 1]


@pytest.mark.parametrize("row", JOURNALS, ids=_ids)
def test_previous_link_leads_where_it_should(row: dict[str, Any]) -> None:
    if row["previous"] is None:
        assert previous_of(row["path"]) is None
    else:
        assert previous_of(row["path"]) == (row["previous"], row["how"])
        assert (row["previous"], row["path"]) in breadcrumbs()


def test_graph_has_forks_a_step_back_in_time_and_a_long_chain() -> None:
    after = Counter(earlier for earlier, _ in breadcrumbs())
    assert sum(count > 1 for count in after.values()) >= 5
    afternoon = "scrum.pmo/sprints/sprint-3/pdca/20260922-161000-Maren.Developer.pdca.md"
    morning = "scrum.pmo/roles/Tester/pdca/2026-09-22-UTC-1120-cranequeue-slow.md"
    assert (afternoon, morning) in breadcrumbs()
    assert longest_chain() >= 25


def longest_chain() -> int:
    """Entries along the longest way through the breadcrumbs; a cycle would never return."""

    @cache
    def behind(path: str) -> int:
        return 1 + max((behind(earlier) for earlier, later in breadcrumbs() if later == path), default=0)

    return max(behind(later) for _, later in breadcrumbs())


def test_present_form_is_complete() -> None:
    """These twenty-one teach the form: sections, TRON in order inside Plan, a check, a learning, true dual links."""
    present = [documents()[row["path"]] for row in JOURNALS if PRESENT_FORM.search(row["path"])]
    assert len(present) == 21
    for document in present:
        sections = {section.name: document.text[section.start : section.end] for section in document.sections}
        places = [sections["plan"].find(label) for label in TRON]
        assert places[0] > 0, document.path
        assert places == sorted(places), document.path
        assert "- Verified" in sections["check"], document.path
        assert "**Learning:**" in sections["act"], document.path
        assert sections["objective"].strip(), document.path
        duals = [link for link in document.links if link.relation in ("FOLLOWS", "PRECEDES")]
        assert [link.relation for link in duals] == ["FOLLOWS", "PRECEDES"], document.path
        assert all(is_valid_dual(link) for link in duals), document.path
        assert all((CORPUS / link.target).is_file() for link in document.links), document.path


def test_only_the_planted_secret_and_address_are_there() -> None:
    found = {path: kinds for path, document in documents().items() if (kinds := scan_text(document.text).kinds)}
    assert found == PLANTED


def test_one_pair_is_identical_and_no_other_text_is_repeated() -> None:
    """Filler would show as paragraphs that occur twice; the template's own words are the exception."""
    copies = Counter(document.sha256 for document in documents().values())
    assert sorted(copies.values())[-2:] == [1, 2]
    distinct = {document.sha256: document for document in documents().values()}.values()
    paragraphs = Counter(
        block for document in distinct for block in set(document.text.split("\n\n")) if len(block.split()) > 12
    )
    assert [block for block, count in paragraphs.items() if count > 1] == []


def test_journals_are_substantial_and_different() -> None:
    texts = {row["path"]: set(re.findall(r"[a-zæøå]{4,}", documents()[row["path"]].text.lower())) for row in JOURNALS}
    lengths = [len(documents()[path].text.split()) for path in texts]
    assert min(lengths) >= 150
    assert max(lengths) >= 1200
    alike = [
        (first, second)
        for first, second in combinations(texts, 2)
        if len(texts[first] & texts[second]) > 0.5 * len(texts[first] | texts[second])
    ]
    assert len(alike) == 1, "only the byte-identical pair may share more than half of its words"


def test_dates_that_disagree_are_kept_both() -> None:
    differing = [row for row in JOURNALS if row["header_date"] not in ("", row["date"])]
    assert len(differing) == 3
    for row in differing:
        assert row["header_date"] in documents()[row["path"]].text.split("\n## ")[0]


def test_readme_names_files_that_exist() -> None:
    text = (CORPUS / "README.md").read_text(encoding="utf-8")
    tables = text.partition("### Names")[2]
    named = re.findall(r"`((?:\.\./)?[\w./-]+/[\w.-]+\.md)`", tables)
    assert len(named) > 50
    assert [name for name in named if not (CORPUS / "scrum.pmo" / name).is_file()] == []

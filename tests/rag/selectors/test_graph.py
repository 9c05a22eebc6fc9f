"""Paths, agents and timelines over documents that carry hostile names and odd dates."""

from datetime import UTC, date, datetime

import pytest

from rag.models import Corpus, Document
from rag.selectors import agent_by_name, agent_timeline, agents, breadcrumbs, path_between
from rag.selectors.graph import is_backwards
from rag.services.documents import graph_row
from rag.stores import get_graph
from web4site.errors import UserError

pytestmark = pytest.mark.usefixtures("stores")
HOSTILE = "Vesna'}) DETACH DELETE n //"


@pytest.fixture
def shop() -> Corpus:
    return Corpus.objects.create(name="shop", root="/shop")


def document(corpus: Corpus, path: str, day: int | None = None, hour: int = 0, **fields: str) -> Document:
    when = {"date": date(2026, 4, day), "timestamp": datetime(2026, 4, day, hour, tzinfo=UTC)} if day else {}
    row = Document.objects.create(corpus=corpus, path=path, kind="pdca", title=path, sha256=path, **when, **fields)
    get_graph().write_documents([graph_row(row)])
    return row


def link(*pairs: tuple[Document, Document]) -> None:
    get_graph().write_edges(
        [{"source": a.pk, "target": b.pk, "relation": "PRECEDES", "how": "relative"} for a, b in pairs]
    )


def test_a_path_is_in_order_and_says_which_links_lead_back_in_time(shop: Corpus) -> None:
    first, second, third = (document(shop, name, day) for name, day in (("a.md", 1), ("b.md", 3), ("c.md", 2)))
    lonely = document(shop, "d.md")
    link((first, second), (second, third))
    found = path_between(third, first)
    assert [(node.path, node.depth) for node in found.nodes] == [("c.md", 0), ("b.md", 1), ("a.md", 2)]
    assert [(edge.source, edge.target, edge.backwards) for edge in found.edges] == [
        ("b.md", "c.md", True),
        ("a.md", "b.md", False),
    ]
    assert path_between(first, lonely).nodes == []
    assert [node.path for node in path_between(first, first).nodes] == ["a.md"]
    assert [edge.backwards for edge in breadcrumbs(second).edges] == [False, True]
    Document.objects.filter(pk=second.pk).delete()
    assert path_between(first, third).edges == [], "the graph still knows what SQL has dropped"


def test_times_count_only_where_both_are_known(shop: Corpus) -> None:
    morning, noon, some_time = (document(shop, f"{hour}.md", 1, hour) for hour in (8, 12, 0))
    assert is_backwards("PRECEDES", noon, morning)
    assert not is_backwards("PRECEDES", noon, some_time)
    assert not is_backwards("TOUCHES", noon, morning)
    assert not is_backwards("PRECEDES", document(shop, "undated.md"), morning)


def test_spellings_of_a_name_are_one_agent(shop: Corpus) -> None:
    document(shop, "a.md", 2, agent_name="Vesna")
    document(shop, "b.md", 1, agent_name="VESNA ✨", agent_role="Potter")
    document(shop, "c.md", 3, agent_name="Vesna")
    document(shop, "d.md", 3, agent_role="Potter")
    document(shop, "e.md", 3, agent_role="Master Potter")
    document(shop, "f.md", agent_role="Potter (night shift), firing the kiln")
    document(shop, "g.md", agent_role="(nobody)")
    document(shop, "h.md")
    found = agents()
    assert [(agent.name, agent.documents) for agent in found] == [
        ("Vesna", 3),
        ("Potter", 2),
        ("(nobody)", 1),
        ("Master Potter", 1),
    ]
    assert (found[0].names, found[0].first) == (("Vesna", "VESNA ✨"), date(2026, 4, 1))
    assert agent_by_name("potter").name == "Potter"
    assert agent_by_name("ves").name == "Vesna"
    with pytest.raises(UserError, match=r"not unique: it stands in Potter, Master Potter\."):
        agent_by_name("otter")
    for nobody in ("Tilo", "", "✨"):
        with pytest.raises(UserError, match="names an agent"):
            agent_by_name(nobody)


def test_a_timeline_is_ordered_limited_and_linked(shop: Corpus) -> None:
    third, first, second = (document(shop, f"{day}.md", day, agent_name=HOSTILE, sprint="4") for day in (3, 1, 2))
    undated = document(shop, "0.md", agent_name=HOSTILE)
    other = document(shop, "other.md", 2, agent_name="Tilo")
    link((first, second), (second, other), (other, third))
    agent = agent_by_name(HOSTILE)
    timeline = agent_timeline(agent)
    assert [entry.id for entry in timeline.documents] == [first.pk, second.pk, third.pk, undated.pk]
    assert [(edge.source, edge.target) for edge in timeline.edges] == [("1.md", "2.md")]
    assert timeline.documents[0].sprint == "4"
    some = agent_timeline(agent, since=date(2026, 4, 2), until=date(2026, 4, 3))
    assert [entry.path for entry in some.documents] == ["2.md", "3.md"]
    assert some.edges == []
    assert agent_timeline(agent, since=date(2027, 1, 1)).documents == []

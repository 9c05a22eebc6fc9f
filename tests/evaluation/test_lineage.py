"""Lineage: down from a deployment to the journals, up from a journal to the models, in few queries."""

import json
from itertools import count

import pytest
from django.urls import reverse

from evaluation.models import Deployment
from rag.models import Chunk, Corpus, Document
from samples.models import Dataset, ReviewDecision, Sample
from training.models import Adapter, Build, Training
from web4site.models import Run

numbers = count(1)


def make_document(path: str) -> Document:
    corpus, _ = Corpus.objects.get_or_create(name="journal", root="/journal")
    document = Document.objects.create(
        corpus=corpus, path=path, kind="pdca", collection="pdca_historical", title=path.upper(), agent_name="Mara",
        metadata={"commit_sha": {"value": f"c0ffee-{path}", "origin": "git"}},
    )  # fmt: skip
    for index in range(2):
        Chunk.objects.create(
            document=document, uid=f"{path}#{index}", index=index, chunk_type="plan", text="x", start=0, end=1, tokens=1
        )
    return document


def make_dataset(name: str, documents: list[Document], *, samples: int = 2, status: str = "frozen") -> Dataset:
    """`samples` of each document, each made of the document's first chunk, all to be learned."""
    dataset = Dataset.objects.create(name=name, status=status, sha256=name * 2)
    for document in documents:
        for _ in range(samples):
            make_sample(dataset, document)
    return dataset


def make_sample(dataset: Dataset, document: Document | None, **values) -> Sample:
    number = next(numbers)
    facts = {"instruction": f"Question {number}", "output": f"Answer {number}", "category": "guardrails"} | values
    sample = Sample.objects.create(
        dataset=dataset, document=document, sample_id=f"s{number}", metadata={"commit": "abc123def456"}, **facts
    )
    if document:
        sample.chunks.add(document.chunks.get(index=0))
    return sample


def make_adapter(name: str, dataset: Dataset, parent: Adapter | None = None) -> Adapter:
    run = Run.objects.create(kind="train", title=name, status="succeeded")
    training = Training.objects.create(run=run, dataset=dataset, preset="demo", base_model="tiny", folder=f"/{name}")
    return Adapter.objects.create(
        name=name, training=training, parent=parent, base_model="tiny", folder=f"/{name}/adapter", bytes=1
    )


def make_deployment(adapter: Adapter | None, status: str = "live") -> Deployment:
    build = Build.objects.create(
        name=f"build-{next(numbers)}", adapter=adapter, base_model="tiny", gguf="/x", quantization="Q4_K_M",
        sha256="ef" * 32, bytes=1,
    )  # fmt: skip
    return Deployment.objects.create(build=build, status=status)


@pytest.fixture
def live(db) -> Deployment:
    """Two nights: `plan` and `gulls` taught the first adapter, `tide` the second, which is live."""
    plan, gulls, tide = (make_document(name) for name in ("plan.md", "gulls.md", "tide.md"))
    first = make_adapter("monday", make_dataset("first", [plan, gulls, gulls]))
    return make_deployment(make_adapter("tuesday", make_dataset("second", [tide]), parent=first))


def page_of(client, kind: str, pk: int, **query):
    return client.get(reverse("evaluation:lineage_detail", args=[kind, pk]), query)


def test_a_deployment_names_the_journals_that_taught_it(client_for, people, live):
    page = page_of(client_for(people.outsider), "deployments", live.pk)
    steps = page.context["subject"].steps
    assert [(step.adapter.name, step.dataset.name) for step in steps] == [("tuesday", "second"), ("monday", "first")]
    assert [(step.totals.samples, step.totals.documents) for step in steps] == [(2, 1), (6, 2)]
    assert [(row.document.path, row.samples, row.chunks) for row in page.context["sources"]] == [
        ("gulls.md", 4, 1), ("plan.md", 2, 1), ("tide.md", 2, 1),
    ]  # fmt: skip
    total = page.context["totals"]
    assert (total.samples, total.documents, total.approved) == (8, 3, 0)
    words = page.content.decode()
    assert "c0ffee-gu" in words and "Nobody judged a sample of it" in words and "continues 1 earlier" in words


def test_what_was_not_learned_teaches_nothing(client_for, people, live):
    dataset, other = Dataset.objects.get(name="second"), make_document("other.md")
    make_sample(dataset, other, split="eval")
    make_sample(dataset, other, review="rejected")
    sources = page_of(client_for(people.outsider), "deployments", live.pk).context["sources"]
    assert "other.md" not in {row.document.path for row in sources}
    up = client_for(people.outsider).get(reverse("evaluation:lineage_document", args=[other.pk]))
    assert (up.context["learned"], up.context["reach"].live, list(up.context["page"])) == (0, None, [])
    [use] = up.context["uses"]
    assert (use.learned, use.held_out, use.rejected) == (0, 1, 1)
    assert "did not learn from it" in up.content.decode()


def test_a_chunk_counts_although_another_of_its_samples_was_rejected(client_for, people, live):
    gulls = Document.objects.get(path="gulls.md")
    make_sample(Dataset.objects.get(name="second"), gulls, review="rejected")
    sources = page_of(client_for(people.outsider), "deployments", live.pk).context["sources"]
    assert {row.document.path: row.chunks for row in sources} == {"gulls.md": 1, "plan.md": 1, "tide.md": 1}


def test_what_a_model_says_is_found_with_its_journal_and_judges(client_for, people, live):
    gulls = Document.objects.get(path="gulls.md")
    sample = make_sample(
        Dataset.objects.get(name="first"), gulls, output="Count the gulls before lunch.", review="approved"
    )
    ReviewDecision.objects.create(sample=sample, actor=people.reviewer, action="approve")
    client = client_for(people.outsider)
    page = page_of(client, "deployments", live.pk, show="samples", q="gulls before lunch")
    assert [row.pk for row in page.context["samples"]] == [sample.pk]
    words = page.content.decode()
    assert "gulls.md" in words and "abc123def" in words and people.reviewer.username in words
    [reviewer] = page.context["reviewers"]
    assert (reviewer.name, reviewer.approved, reviewer.rejected) == (people.reviewer.username, 1, 0)
    [source] = page_of(client, "deployments", live.pk, q="GULLS").context["sources"]
    assert (source.samples, source.approved) == (5, 1)
    narrowed = page_of(client, "deployments", live.pk, dataset=Dataset.objects.get(name="second").pk)
    assert [row.document.path for row in narrowed.context["sources"]] == ["tide.md"]
    assert "Nothing here says" in page_of(client, "deployments", live.pk, show="samples", q="herring").content.decode()


def test_a_document_names_every_model_that_learned_from_it_or_continues_one(client_for, people, live):
    rolled_back = make_deployment(Adapter.objects.get(name="monday"), "rolled_back")
    make_dataset("draft", [Document.objects.get(path="plan.md")], status="draft")
    client = client_for(people.outsider)
    url = reverse("evaluation:lineage_document", args=[Document.objects.get(path="plan.md").pk])
    page = client.get(url)
    found = [
        (row.adapter.name, row.samples, [one.status for one in row.deployments]) for row in page.context["knowers"]
    ]
    assert found == [("tuesday", 0, ["live"]), ("monday", 2, ["rolled_back"])]
    assert [chunk.taught for chunk in page.context["chunks"]] == [4, 0], "the draft's samples count for the chunk"
    assert [use.dataset.name for use in page.context["uses"]] == ["draft", "first"]
    words = page.content.decode()
    assert "The live model learned from it, through" in words and f"#{rolled_back.pk}" in words
    tide = client.get(reverse("evaluation:lineage_document", args=[Document.objects.get(path="tide.md").pk]))
    assert [row.adapter.name for row in tide.context["knowers"]] == ["tuesday"], "nothing flows backwards"


def test_adapters_and_datasets_show_both_directions(client_for, people, live):
    client = client_for(people.outsider)
    monday = Adapter.objects.get(name="monday")
    for kind, pk in (("adapters", monday.pk), ("datasets", monday.training.dataset_id)):
        page = page_of(client, kind, pk)
        assert [row.document.path for row in page.context["sources"]] == ["gulls.md", "plan.md"]
        assert [row.adapter.name for row in page.context["knowers"]] == ["tuesday", "monday"]
        assert "through tuesday" in page.content.decode()
    assert page_of(client, "builds", live.build_id).context["reach"] is None


def test_the_untrained_base_and_strangers_addresses(client_for, people, live):
    client = client_for(people.outsider)
    Deployment.objects.update(status="retired")
    base = make_deployment(None)
    assert "No journal taught this model" in page_of(client, "deployments", base.pk).content.decode()
    for kind, pk, query in (
        ("deployments", 999, {}), ("samples", live.pk, {}), ("deployments", live.pk, {"show": "secrets"}),
        ("deployments", live.pk, {"export": "xml"}),
    ):  # fmt: skip
        assert page_of(client, kind, pk, **query).status_code == 404


def test_documents_that_are_gone_are_still_counted(client_for, people, live):
    Document.objects.get(path="gulls.md").delete()
    client = client_for(people.outsider)
    page = page_of(client, "deployments", live.pk)
    assert [(row.document and row.document.path, row.samples) for row in page.context["sources"]] == [
        (None, 4), ("plan.md", 2), ("tide.md", 2),
    ]  # fmt: skip
    assert "no longer indexed, or imported" in page.content.decode()
    assert len(page_of(client, "deployments", live.pk, show="samples", document="none").context["page"]) == 4


def test_everything_comes_as_json_and_each_sample_as_a_line(client_for, people, live):
    client = client_for(people.outsider)
    answer = page_of(client, "deployments", live.pk, export="json")
    facts = json.loads(answer.content)
    assert facts["deployment"]["status"] == "live" and facts["build"]["sha256"] == "ef" * 32
    assert [row["adapter"] for row in facts["adapters"]] == ["tuesday", "monday"]
    assert [(row["path"], row["commit"], row["samples"]) for row in facts["documents"]] == [
        ("gulls.md", "c0ffee-gulls.md", 4), ("plan.md", "c0ffee-plan.md", 2), ("tide.md", "c0ffee-tide.md", 2),
    ]  # fmt: skip
    lines = b"".join(page_of(client, "deployments", live.pk, export="jsonl").streaming_content).splitlines()
    first = json.loads(lines[0])
    assert len(lines) == 8 and (first["document"], first["chunks"], first["commit"]) == (
        "tide.md", ["tide.md#0"], "abc123def456",
    )  # fmt: skip
    up = json.loads(
        client.get(
            reverse("evaluation:lineage_document", args=[Document.objects.get(path="plan.md").pk]), {"export": "json"}
        ).content
    )
    assert [row["adapter"] for row in up["learned_by"]] == ["tuesday", "monday"]
    assert [row["taught"] for row in up["chunks"]] == [2, 0]


def test_the_way_in_finds_documents_and_deployments(client_for, people, live):
    client, url = client_for(people.outsider), reverse("evaluation:lineage_list")
    assert f"deployment {live.pk}" in client.get(url).content.decode()
    found = client.get(url, {"q": "tide"})
    assert [(row.path, row.used) for row in found.context["page"]] == [("tide.md", 2)]
    assert "No indexed document is called" in client.get(url, {"q": "herring"}).content.decode()


def test_queries_do_not_grow_with_chain_samples_or_documents(client_for, people, live, django_assert_max_num_queries):
    client = client_for(people.outsider)
    parent = Adapter.objects.get(name="tuesday")
    documents = [make_document(f"night-{number}.md") for number in range(6)]
    for number in range(6):
        parent = make_adapter(f"night {number}", make_dataset(f"night {number}", documents, samples=3), parent=parent)
        make_deployment(parent, "retired")
    deployment = make_deployment(parent, "retired")
    for kind, pk in (("deployments", deployment.pk), ("adapters", parent.pk)):
        for show in ("documents", "samples"):
            with django_assert_max_num_queries(20):
                page_of(client, kind, pk, show=show)
    with django_assert_max_num_queries(20):
        client.get(reverse("evaluation:lineage_document", args=[documents[0].pk]))

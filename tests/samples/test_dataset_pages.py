"""The dataset pages: checks with what stands behind them, comparing, the plan, unfinished datasets."""

import pytest
from django.test import Client
from django.urls import reverse

from rag.models import Corpus
from samples.jobs import estimate_job, validate_job
from samples.models import Dataset, Sample
from samples.services.validation import dataset_validate
from web4site.models import Run
from web4site.runs import run_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client: Client, people) -> Client:
    client.force_login(people.reviewer)
    return client


def _page(client: Client, name: str, *args: object, **query: object) -> str:
    response = client.get(reverse(f"samples:{name}", args=args), query)
    assert response.status_code == 200
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode()


def test_a_check_leads_to_the_samples_behind_it(
    reviewer: Client, dataset: Dataset, django_assert_max_num_queries
) -> None:
    bad = dataset.samples.filter(category="guardrails", split="train").first()
    Sample.objects.filter(pk=bad.pk).update(output="")
    dataset_validate(dataset=dataset)
    with django_assert_max_num_queries(20):
        page = _page(reviewer, "dataset_detail", dataset.pk)
    link = reverse("samples:dataset_checks", args=[dataset.pk, "schema"])
    assert link in page and "spread over month" in page
    shown = _page(reviewer, "dataset_checks", dataset.pk, "schema")
    assert "output: violates minLength" in shown and f"/samples/{bad.pk}/" in shown
    assert bad.sample_id in _page(reviewer, "dataset_checks", dataset.pk, "schema", export="csv")
    assert reviewer.get(reverse("samples:dataset_checks", args=[dataset.pk, "nothing"])).status_code == 404


def test_checking_is_a_run(reviewer: Client, dataset: Dataset) -> None:
    run = run_create(kind=Run.Kind.VALIDATE, title="Check", params={"dataset": dataset.pk, "similarity": True})
    validate_job(run.pk)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    names = {check["name"] for check in run.result["checks"]}
    assert {"grounding", "near-duplicates", "hold-out contaminated", "instructions alike"} <= names
    assert "pairs with equal outputs" in _page(reviewer, "dataset_checks", dataset.pk, "instructions alike")


def test_compare_with_another(reviewer: Client, dataset: Dataset) -> None:
    assert "no other dataset" in _page(reviewer, "dataset_comparison", dataset.pk)
    Dataset.objects.create(name="older")
    page = _page(reviewer, "dataset_comparison", dataset.pk, **{"with": Dataset.objects.get(name="older").pk})
    assert f"Added: {dataset.size}" in page and "guardrails" in page


def test_the_plan_page_shows_the_estimate(reviewer: Client, corpus: Corpus, tokenizer) -> None:
    assert "manage.py generate_samples --estimate" in _page(reviewer, "dataset_plan")
    run = run_create(kind=Run.Kind.OTHER, title="Estimate", params={"scale": 0.01})
    Run.objects.filter(pk=run.pk).update(job="samples.jobs.estimate_job")
    estimate_job(run.pk)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    page = _page(reviewer, "dataset_plan")
    assert "sources give about" in page and "37,000 for training" in page


def test_an_unfinished_dataset_can_be_resumed_or_discarded(reviewer: Client, dataset: Dataset) -> None:
    resume = reverse("samples:dataset_resume", args=[dataset.pk])
    reviewer.post(resume)
    assert not Run.objects.filter(kind="generate").exists(), "a finished one is left alone"
    Dataset.objects.filter(pk=dataset.pk).update(status="unfinished")
    page = _page(reviewer, "dataset_detail", dataset.pk)
    assert resume in page and "Discard" in page
    assert resume in _page(reviewer, "sample_list")
    reviewer.post(resume)
    assert Run.objects.get(kind="generate").params["resume"] == dataset.pk
    reviewer.post(reverse("samples:dataset_discard", args=[dataset.pk]))
    assert not Dataset.objects.exists()


def test_outsiders_change_nothing(client: Client, dataset: Dataset, people) -> None:
    client.force_login(people.outsider)
    Dataset.objects.filter(pk=dataset.pk).update(status="unfinished")
    for name in ("dataset_check", "dataset_resume", "dataset_discard"):
        assert client.post(reverse(f"samples:{name}", args=[dataset.pk])).status_code == 403
    assert client.post(reverse("samples:estimate_start")).status_code == 403
    assert Dataset.objects.get().status == "unfinished" and not Run.objects.exists()

"""Pages: who may do what, how many queries, filters, exports, and the review by plain forms and by htmx."""

import json
import re
from pathlib import Path

import pytest
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from samples.models import Dataset, ReviewDecision, Sample
from samples.services.datasets import dataset_find, dataset_freeze
from web4site.errors import UserError

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def reviewer(client_for, people) -> Client:
    return client_for(people.reviewer)


@pytest.fixture
def outsider(client_for, people) -> Client:
    return client_for(people.outsider)


def _get(client: Client, name: str, *args: object, **query: object) -> str:
    response = client.get(reverse(f"samples:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_sample_list_shows_plan_and_samples(reviewer: Client, dataset: Dataset, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(14):
        page = _get(reviewer, "sample_list")
    assert "process_framework" in page and "hold-out" in page and dataset.name in page
    assert page.count('data-panel href="/samples/') == min(50, dataset.samples.count())


def test_sample_list_reads_no_long_texts(reviewer: Client, dataset: Dataset, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(14) as captured:
        _get(reviewer, "sample_list", sort="tokens")
    listing = next(q["sql"] for q in captured.captured_queries if "LIMIT 50" in q["sql"] and "excerpt" in q["sql"])
    assert '"output"' not in listing and '"input"' not in listing


def test_sample_list_filters(reviewer: Client, dataset: Dataset) -> None:
    page = _get(reviewer, "sample_list", category="guardrails", task="refusal", split="train")
    wanted = dataset.samples.filter(category="guardrails", task_type="refusal", split="train")
    assert page.count('data-panel href="/samples/') == wanted.count() > 0
    none = _get(reviewer, "sample_list", q="no such words anywhere")
    assert "No sample matches" in none
    odd = _get(
        reviewer, "sample_list", category="<script>", sort="; drop table", sampling="x", page="-3", dataset="abc"
    )
    assert "<script>;" not in odd


@pytest.mark.parametrize("odd", ["²", "١", "x", "-1", "9" * 24, "9" * 5000])
def test_odd_numbers_in_an_address_find_nothing_and_break_nothing(reviewer: Client, dataset: Dataset, odd: str) -> None:
    for name in ("sample_list", "token_plot", "review"):
        _get(reviewer, name, dataset=odd, at=odd)
    assert "Compare" in _get(reviewer, "dataset_comparison", dataset.pk, **{"with": odd})
    assert reviewer.get(reverse("samples:review_progress"), {"dataset": odd}).status_code == 404
    for name in ("review_undo", "review_bulk"):
        assert reviewer.post(f"{reverse(f'samples:{name}')}?dataset={odd}").status_code == 404
    with pytest.raises(UserError, match="no dataset"):
        dataset_find(key=odd)


def test_a_sampling_plan_is_a_fair_and_steady_share(reviewer: Client, db: None) -> None:
    dataset = Dataset.objects.create(name="big")
    Sample.objects.bulk_create(
        Sample(
            dataset=dataset,
            sample_id=f"{number * 2654435761 % 2**32:08x}" + "0" * 16,
            category="guardrails",
            task_type="x",
            instruction="An instruction",
            output="An output",
        )
        for number in range(2000)
    )
    from samples.selectors import samples_filtered

    shares = {percent: samples_filtered(dataset, {"sampling": str(percent)}).count() for percent in (1, 5, 25)}
    assert 10 <= shares[1] <= 30 and 80 <= shares[5] <= 120 and 460 <= shares[25] <= 540


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_sample_list_exports(reviewer: Client, dataset: Dataset, file_format: str) -> None:
    response = reviewer.get(reverse("samples:sample_list"), {"export": file_format, "category": "tool_awareness"})
    text = b"".join(response.streaming_content).decode()
    wanted = dataset.samples.filter(category="tool_awareness")
    if file_format == "jsonl":
        assert {json.loads(line)["sample_id"] for line in text.splitlines()} == set(
            wanted.values_list("sample_id", flat=True)
        )
    else:
        assert text.startswith("sample_id,category,task_type,split,instruction")


def test_empty_pages_say_what_to_do(reviewer: Client) -> None:
    assert "manage.py generate_samples" in _get(reviewer, "sample_list")
    assert "manage.py generate_samples" in _get(reviewer, "dataset_list")
    assert "Generate samples" in _get(reviewer, "review")
    assert json.loads(_get(reviewer, "token_plot")) == {"data": [], "layout": {}}


def test_token_plot_counts_every_training_sample(reviewer: Client, dataset: Dataset) -> None:
    figure = json.loads(_get(reviewer, "token_plot", dataset=dataset.pk))
    assert sum(figure["data"][0]["y"]) == dataset.samples.filter(split="train").count()


def test_sample_detail_shows_source_and_marks_what_was_taken(reviewer: Client, dataset: Dataset) -> None:
    sample = dataset.samples.filter(category="domain_representatives").first()
    page = _get(reviewer, "sample_detail", sample.pk)
    assert sample.sample_id in page and sample.metadata["document"] in page and "<mark>" in page


def test_texts_are_never_markup(reviewer: Client, db: None) -> None:
    dataset = Dataset.objects.create(name="<b>bold</b>")
    sample = Sample.objects.create(
        dataset=dataset,
        sample_id="a" * 24,
        category="guardrails",
        task_type="x",
        instruction="<script>alert(1)</script>",
        output="<img src=x onerror=alert(1)>",
        metadata={"document": "<i>path</i>"},
    )
    for name, args in (
        ("sample_list", []),
        ("sample_detail", [sample.pk]),
        ("review", []),
        ("dataset_detail", [dataset.pk]),
    ):
        page = _get(reviewer, name, *args)
        assert (
            "<script>alert" not in page and "<img src=x" not in page and "<b>bold" not in page and "<i>path" not in page
        )


def test_review_walks_through_the_queue(
    reviewer: Client, dataset: Dataset, people, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(18):
        _get(reviewer, "review", category="guardrails")
    queue = list(dataset.samples.filter(category="guardrails").order_by("pk"))
    kept = f"?dataset={dataset.pk}&category=guardrails"
    card = reviewer.post(reverse("samples:review_approve", args=[queue[0].pk]) + kept, **HTMX).content.decode()
    assert f"/samples/review/{queue[1].pk}/approve/" in card and "<html" not in card
    reviewer.post(reverse("samples:review_reject", args=[queue[1].pk]) + kept, {"reason": "5"}, **HTMX)
    assert [queue[n].decisions.get().reason for n in (0, 1)] == ["", "bad code"]
    back = reviewer.post(reverse("samples:review_undo") + kept, **HTMX).content.decode()
    assert f"/samples/review/{queue[1].pk}/approve/" in back
    assert Sample.objects.get(pk=queue[1].pk).review == "pending"
    assert Sample.objects.get(pk=queue[0].pk).review == "approved"


def test_review_works_without_javascript(reviewer: Client, dataset: Dataset) -> None:
    sample = dataset.samples.order_by("pk").first()
    response = reviewer.post(reverse("samples:review_approve", args=[sample.pk]) + f"?dataset={dataset.pk}")
    assert response.status_code == 302 and "at=" in response["Location"]
    assert reviewer.get(response["Location"]).status_code == 200


def test_rejecting_offers_nine_reasons_by_key(reviewer: Client, dataset: Dataset) -> None:
    page = _get(reviewer, "review", rejecting="1")
    assert all(f'data-key="{number}"' in page for number in range(1, 10))
    assert 'data-key="1"' not in _get(reviewer, "review")
    for key in ("Enter", "Backspace", "e", "u", "?", "ArrowRight"):
        assert f'data-key="{key}"' in page


def test_reject_without_reason_is_refused(reviewer: Client, dataset: Dataset) -> None:
    sample = dataset.samples.first()
    card = reviewer.post(reverse("samples:review_reject", args=[sample.pk]), {"reason": " "}, **HTMX).content.decode()
    assert "Say why" in card
    assert Sample.objects.get(pk=sample.pk).review == "pending"


def test_edit_saves_and_keeps_what_was_before(reviewer: Client, dataset: Dataset, tokenizer) -> None:
    sample = dataset.samples.first()
    url = reverse("samples:review_edit", args=[sample.pk])
    assert "Save and approve" in reviewer.get(url, **HTMX).content.decode()
    reviewer.post(
        url,
        {"instruction": sample.instruction, "input": "", "output": "Edited by hand, line one.\r\nLine two."},
        **HTMX,
    )
    edited = Sample.objects.get(pk=sample.pk)
    assert edited.output == "Edited by hand, line one.\nLine two." and edited.edited and edited.review == "approved"
    assert edited.decisions.get().before["output"] == sample.output
    bad = reviewer.post(url, {"instruction": "", "input": "", "output": ""}, **HTMX).content.decode()
    assert "not valid" in bad and Sample.objects.get(pk=sample.pk).output == edited.output


def test_bulk_acts_only_on_what_the_preview_showed(reviewer: Client, dataset: Dataset) -> None:
    url = reverse("samples:review_bulk") + f"?dataset={dataset.pk}&category=tool_awareness"
    pending = dataset.samples.filter(category="tool_awareness").count()
    reviewer.post(url, {"action": "approve", "expected": pending + 1})
    assert not ReviewDecision.objects.exists()
    reviewer.post(url, {"action": "reject", "expected": pending, "reason": "too trivial"})
    assert dataset.samples.filter(review="rejected").count() == pending == ReviewDecision.objects.count()


def test_outsiders_look_but_do_not_touch(outsider: Client, dataset: Dataset) -> None:
    sample = dataset.samples.first()
    for name, args in (
        ("sample_list", []),
        ("review", []),
        ("sample_detail", [sample.pk]),
        ("dataset_list", []),
        ("dataset_detail", [dataset.pk]),
    ):
        page = _get(outsider, name, *args)
        assert "approve/" not in page and "freeze/" not in page and "generate/" not in page
    posts = [
        ("generation_start", [], {"scale": 1, "seed": 0}),
        ("review_approve", [sample.pk], {}),
        ("review_reject", [sample.pk], {"reason": "1"}),
        ("review_edit", [sample.pk], {"output": "x"}),
        ("review_undo", [], {}),
        ("review_bulk", [], {"action": "approve", "expected": 1}),
        ("dataset_freeze", [dataset.pk], {}),
    ]
    for name, args, data in posts:
        assert outsider.post(reverse(f"samples:{name}", args=args), data).status_code == 403, name
    assert outsider.get(reverse("samples:review_edit", args=[sample.pk])).status_code == 403
    assert not ReviewDecision.objects.exists()


def test_signed_out_people_are_sent_to_sign_in(client: Client, db: None) -> None:
    for name in ("sample_list", "review", "dataset_list"):
        assert client.get(reverse(f"samples:{name}"))["Location"].startswith("/sign-in/")


def test_dataset_is_frozen_and_downloaded(reviewer: Client, dataset: Dataset, tokenizer) -> None:
    page = reviewer.post(reverse("samples:dataset_freeze", args=[dataset.pk]), follow=True).content.decode()
    dataset.refresh_from_db()
    assert dataset.status == "frozen" and dataset.sha256 in page and "Manifest" in page
    download = reviewer.get(reverse("samples:dataset_download", args=[dataset.pk, "guardrails", "jsonl"]))
    assert b"".join(download.streaming_content) == (Path(dataset.folder) / "guardrails.jsonl").read_bytes()
    for bad in (("guardrails", "exe"), ("nothing", "jsonl"), ("..", "jsonl")):
        assert reviewer.get(f"/datasets/{dataset.pk}/download/{bad[0]}.{bad[1]}/").status_code == 404
    again = reviewer.post(reverse("samples:dataset_freeze", args=[dataset.pk]), follow=True).content.decode()
    assert "frozen already" in again
    assert "nothing can be changed" in _get(reviewer, "review", dataset=dataset.pk)


def test_dataset_list_filters_and_exports(
    reviewer: Client, dataset: Dataset, tokenizer, django_assert_max_num_queries
) -> None:
    dataset_freeze(dataset=dataset)
    Dataset.objects.create(name="another draft")
    with django_assert_max_num_queries(8):
        page = _get(reviewer, "dataset_list", status="frozen")
    assert dataset.name in page and "another draft" not in page
    response = reviewer.get(reverse("samples:dataset_list"), {"export": "jsonl"})
    assert len(b"".join(response.streaming_content).splitlines()) == 2


def test_start_enqueues_a_run(reviewer: Client, services, django_capture_on_commit_callbacks) -> None:
    from web4site.models import Run

    with django_capture_on_commit_callbacks(execute=True):
        response = reviewer.post(reverse("samples:generation_start"), {"scale": "0.01", "seed": "3"})
    run = Run.objects.get(kind="generate")
    assert response["Location"] == run.get_absolute_url() and run.params == {"scale": 0.01, "seed": 3, "plan": ""}
    bad = reviewer.post(reverse("samples:generation_start"), {"scale": "-1", "seed": "x"}, follow=True).content.decode()
    assert "scale must be above 0" in bad and Run.objects.count() == 1


def test_a_sample_that_somebody_judges_now_is_shown_as_taken(reviewer, client_for, people, dataset) -> None:
    first = _get(reviewer, "review", dataset=dataset.pk)
    pk = dataset.samples.order_by("pk").first().pk
    assert f"/samples/review/{pk}/approve/" in first
    other = client_for(people.approver)
    assert f"/samples/review/{pk}/approve/" not in _get(other, "review", dataset=dataset.pk)
    taken = _get(other, "review", dataset=dataset.pk, at=pk)
    assert f"{people.reviewer.username} is judging this sample now" in taken and f"{pk}/approve/" not in taken


def _seen(card: str) -> int:
    found = re.search(r'name="seen" value="(\d+)"', card)
    assert found
    return int(found[1])


def test_what_was_judged_meanwhile_is_shown_with_both_choices(reviewer, client_for, people, dataset) -> None:
    sample = dataset.samples.order_by("pk").first()
    kept, other = f"?dataset={dataset.pk}&review=pending", client_for(people.approver)
    approve, reject = (reverse(f"samples:review_{name}", args=[sample.pk]) + kept for name in ("approve", "reject"))
    stale = {"seen": _seen(_get(reviewer, "review", dataset=dataset.pk)), "reason": "5"}
    Sample.objects.update(claimed_by=None)
    other.post(approve, {"seen": stale["seen"]}, **HTMX)
    card = reviewer.post(reject, stale, **HTMX).content.decode()
    assert "approver judged this meanwhile: approved." in card and "reject: bad code" in card and "<html" not in card
    assert 'data-key="k"' in card and 'data-key="m"' in card and 'data-key="Enter"' not in card
    assert "<html" in reviewer.post(reject, stale).content.decode()
    assert sample.decisions.count() == 1 and Sample.objects.get(pk=sample.pk).review == "approved"
    after = reviewer.post(reject, {"seen": _seen(card), "reason": "bad code"}, **HTMX).content.decode()
    assert "meanwhile" not in after and Sample.objects.get(pk=sample.pk).review == "rejected"
    reviewer.post(reverse("samples:review_undo") + kept, **HTMX)
    assert Sample.objects.get(pk=sample.pk).review == "approved"


def test_opening_the_reasons_is_no_look_at_what_changed(reviewer, client_for, people, dataset) -> None:
    sample = dataset.samples.order_by("pk").first()
    seen = _seen(_get(reviewer, "review", dataset=dataset.pk))
    Sample.objects.update(claimed_by=None)
    client_for(people.approver).post(reverse("samples:review_approve", args=[sample.pk]), {"seen": seen})
    opened = _get(reviewer, "review", dataset=dataset.pk, at=sample.pk, rejecting=1, seen=seen)
    assert 'data-key="1"' in opened and _seen(opened) == seen
    another = _get(reviewer, "review", dataset=dataset.pk, at=sample.pk, rejecting=1, seen=seen, review="pending")
    assert 'data-key="1"' not in another and _seen(another) > seen


def test_an_edit_of_what_was_judged_meanwhile_keeps_the_text(reviewer, client_for, people, dataset, tokenizer) -> None:
    sample = dataset.samples.order_by("pk").first()
    url = reverse("samples:review_edit", args=[sample.pk])
    values = {"instruction": sample.instruction, "input": "", "output": "Written for an hour."}
    seen = _seen(reviewer.get(url, **HTMX).content.decode())
    client_for(people.approver).post(reverse("samples:review_reject", args=[sample.pk]), {"reason": "5", "seen": seen})
    form = reviewer.post(url, {**values, "seen": seen}, **HTMX).content.decode()
    assert "approver judged this meanwhile: rejected (bad code)." in form and "Written for an hour." in form
    assert Sample.objects.get(pk=sample.pk).output == sample.output
    reviewer.post(url, {**values, "seen": _seen(form)}, **HTMX)
    assert Sample.objects.get(pk=sample.pk).output == "Written for an hour."


def test_what_is_alike_is_rejected_after_a_preview(reviewer: Client, dataset: Dataset) -> None:
    groups = dataset.samples.order_by().values_list("category", "task_type", "metadata__task").annotate(n=Count("pk"))
    category, task_type, task, size = max(groups, key=lambda group: group[-1])
    alike = dataset.samples.filter(category=category, task_type=task_type, metadata__task=task).order_by("pk")
    sample, count = alike.first(), size - 1
    assert count > 1
    page = _get(reviewer, "review_alike", sample.pk, task="on")
    assert f"{count} samples still to judge" in page and f"Reject {count}" in page
    assert "0 samples" in _get(reviewer, "review_alike", sample.pk, phrase="no such words anywhere")
    url = reverse("samples:review_alike", args=[sample.pk])
    values = {"task": "on", "reason": "too trivial", "expected": count + 1}
    assert "Nothing was changed" in reviewer.post(url, values).content.decode()
    reviewer.post(url, {**values, "expected": count})
    assert alike.filter(review="rejected").count() == count and alike.filter(review="pending").get() == sample
    assert set(ReviewDecision.objects.values_list("reason", flat=True)) == {"too trivial"}


def test_second_opinions_go_by_a_queue_of_their_own(reviewer, client_for, people, dataset) -> None:
    sample = dataset.samples.order_by("pk").first()
    reviewer.post(reverse("samples:review_reject", args=[sample.pk]), {"reason": "5"})
    other, kept = client_for(people.approver), f"?dataset={dataset.pk}&second=1"
    card = other.get(reverse("samples:review") + kept, **HTMX).content.decode()
    assert f"/samples/review/{sample.pk}/approve/" in card and "second opinion" in card and "bad code" not in card
    other.post(reverse("samples:review_approve", args=[sample.pk]) + kept, **HTMX)
    assert Sample.objects.get(pk=sample.pk).review == "pending"
    progress = _get(reviewer, "review_progress", dataset=dataset.pk)
    assert "second opinions" in progress and people.approver.username in progress
    other.post(reverse("samples:review_revoke", args=[sample.pk]))
    assert Sample.objects.get(pk=sample.pk).review == "rejected"
    assert client_for(people.outsider).post(reverse("samples:review_revoke", args=[sample.pk])).status_code == 403

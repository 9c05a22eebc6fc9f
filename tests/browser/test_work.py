"""What people do all day: review with the keyboard, chat, approve."""

import pytest
from django.urls import reverse

from evaluation.models import DeploymentEvent
from monitoring.models import Feedback, Query
from samples.models import ReviewDecision, Sample
from samples.services.reviews import review_approve
from web4site.models import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def decisions() -> list[str]:
    return list(ReviewDecision.objects.order_by("pk").values_list("action", flat=True))


def judged(page, number: int) -> None:
    page.get_by_text(f" {number} judged").first.wait_for()


def test_samples_are_reviewed_with_the_keyboard_alone(surf, people, world):
    surfer = surf(people.reviewer)
    page = surfer.open(f"{reverse('samples:review')}?dataset={world.draft.pk}")
    judged(page, 0)
    page.keyboard.press("Enter")
    judged(page, 1)
    page.keyboard.press("Backspace")
    page.locator("[data-key='2']").wait_for()
    page.keyboard.press("2")
    judged(page, 2)
    page.keyboard.press("u")
    judged(page, 1)
    assert decisions() == ["approve", "reject", "undo"]
    assert set(ReviewDecision.objects.values_list("actor", flat=True)) == {people.reviewer.pk}
    page.keyboard.press("ArrowRight")
    page.locator("[data-key='ArrowLeft']").wait_for()


def test_a_verdict_that_was_overtaken_is_decided_by_key(surf, people, world):
    page = surf(people.reviewer).open(f"{reverse('samples:review')}?dataset={world.draft.pk}")
    sample = world.draft.samples.order_by("pk").first()
    Sample.objects.update(claimed_by=None)
    review_approve(sample=sample, actor=people.approver)
    for key, shown in (("Backspace", "2"), ("2", "m")):
        page.keyboard.press(key)
        page.locator(f"[data-key='{shown}']").wait_for()
    assert page.get_by_role("alert").inner_text() == "approver judged this meanwhile: approved."
    page.keyboard.press("k")
    page.locator("[data-key='Enter']").wait_for()
    assert decisions() == ["approve"]


def test_keys_are_off_while_typing(surf, people, world):
    surfer = surf(people.reviewer)
    page = surfer.open(f"{reverse('samples:review')}?dataset={world.draft.pk}")
    page.get_by_role("searchbox").first.click()
    page.keyboard.type("ueu")
    assert decisions() == [] and page.get_by_role("searchbox").first.input_value() == "ueu"


def test_an_outsider_reads_samples_but_does_not_judge_them(surf, people, world):
    page = surf(people.outsider).open(f"{reverse('samples:review')}?dataset={world.draft.pk}")
    assert page.get_by_role("button", name="Approve").count() == 0


def test_the_chat_streams_an_answer_cites_and_takes_a_thumb(surf, people, world, model):
    model.says("The timer registered ", "**two** ", "listeners ", "[1]. ", "<script>alert(1)</script>")
    surfer = surf(people.reviewer)
    page = surfer.open(reverse("monitoring:chat"))
    page.locator("select[name=sources]").select_option("always")
    page.get_by_label("Question").fill("Why did the oven timer ring twice when a tray was swapped?")
    page.keyboard.press("Control+Enter")
    answer = page.locator(".bubble.answer").last
    answer.locator("strong", has_text="two").wait_for()
    assert "<script>alert(1)</script>" in answer.inner_text()
    assert answer.locator("ol.citations a").first.inner_text()
    assert page.url == f"{surfer.server}{Query.objects.latest('pk').conversation.get_absolute_url()}"
    answer.get_by_role("button", name="Bad answer").click()
    answer.get_by_text("Thank you.").wait_for()
    answer.get_by_label("A better answer").fill("Because two listeners were registered.")
    answer.get_by_role("button", name="Save").click()
    answer.get_by_text("Edit what you said").wait_for()
    feedback = Feedback.objects.latest("pk")
    assert (feedback.thumb, feedback.corrected_answer) == (-1, "Because two listeners were registered.")


def test_an_answer_can_be_stopped(surf, people, world, model):
    import time

    def slow(question):
        for number in range(100):
            time.sleep(0.1)
            yield f"word{number} "

    model.answer = slow
    surfer = surf(people.reviewer)
    page = surfer.open(reverse("monitoring:chat"))
    page.locator("select[name=sources]").select_option("never")
    page.get_by_label("Question").fill("Count.")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("word3").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped before the end.").wait_for()
    query = Query.objects.latest("pk")
    assert query.status == "stopped" and "word3" in query.answer and "word99" not in query.answer


def test_a_reviewer_sees_that_an_approver_is_needed(surf, people, world):
    page = surf(people.reviewer).open(world.cleared.get_absolute_url())
    page.get_by_text("Waits for somebody with the role approver").wait_for()
    assert page.get_by_role("button", name="Approve").count() == 0


def test_an_approver_approves_with_a_comment(surf, people, world):
    surfer = surf(people.approver)
    page = surfer.open(world.cleared.get_absolute_url())
    page.get_by_label("Comment").fill("Looked at all cases of tool success.")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Make it live").wait_for()
    world.cleared.refresh_from_db()
    assert world.cleared.status == "approved"
    event = DeploymentEvent.objects.get(after="approved")
    assert (event.actor, event.comment) == (people.approver, "Looked at all cases of tool success.")


def test_a_run_is_started_and_found_again(surf, people, world):
    surfer = surf(people.reviewer)
    page = surfer.open(reverse("monitoring:evening_list"))
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/runs/*/")
    run = Run.objects.get(status="queued")
    assert run.title in page.locator("h1").inner_text()
    page.on("dialog", lambda dialog: None)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("cancelled").first.wait_for()

"""Canaries as the team edits them: who may, what is checked, what is kept."""

from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from evaluation.canaries import (
    CANARIES_FILE,
    canary_of,
    read_records,
    record_faults,
    record_of,
    set_faults,
    write_records,
)
from evaluation.comparison import changes
from evaluation.forms import CanaryForm
from evaluation.models import CanarySet
from evaluation.services import canaries
from evaluation.services.canaries import (
    canary_save,
    canary_set_current,
    canary_set_diff,
    canary_set_export,
    canary_set_restore,
    canary_try,
)
from evaluation.services.deployments import baseline_ensure, deployment_create
from tests.evaluation.scripted import FakeRuntime, all_perfect
from web4site.errors import UserError

SHIPPED = read_records(CANARIES_FILE.read_text(encoding="utf-8"))


def edited(name: str = "decision-jest", **values: Any) -> dict[str, Any]:
    return {**next(one for one in SHIPPED if one["id"] == name), **values}


def posted(record: dict[str, Any], base: int, **values: Any) -> dict[str, Any]:
    form = CanaryForm.initial_of(record, base=base) | values
    return {key: value for key, value in form.items() if value not in (None, False)}


WORDS = st.lists(st.text(min_size=1, max_size=20).filter(str.strip), max_size=3)
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r"), min_size=1, max_size=40)


@given(prompt=TEXT, contains=WORDS, regex=TEXT, refuses=st.booleans())
def test_any_canary_survives_toml(prompt, contains, regex, refuses) -> None:
    record = {"id": "a", "kind": "k", "prompt": prompt, "max_tokens": 5, "max_seconds": 9, "contains": contains}
    record |= {"regex": regex, "refuses": refuses}
    record = record_of(canary_of(record))
    assert read_records(write_records([record], "a\nnote")) == [record]


def test_the_shipped_set_is_sound_and_survives_toml() -> None:
    assert set_faults(SHIPPED) == [] and read_records(write_records(SHIPPED, "x")) == SHIPPED
    assert [record_of(canary_of(record)) for record in SHIPPED] == SHIPPED


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"regex": "("}, "regular expression is wrong"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_seconds": 9999}, "max_seconds"),
        ({"prompt": " "}, "prompt is missing"),
        ({"judge": "psychic"}, "judge is one of"),
        ({"judge": "tool_success"}, "task and expected_tool"),
        ({"case": {"task": "x"}}, "none is named"),
        ({"contains": [" "]}, "list of words"),
        ({"contains": [], "refuses": False}, "asserts nothing"),
        ({"smells": "nice"}, "smells is no assertion"),
    ],
)
def test_what_is_wrong_with_a_canary_is_named(values, fault) -> None:
    assert any(fault in found for found in record_faults(edited(**values)))


def test_a_pattern_that_runs_away_is_a_fault_of_the_canary(monkeypatch) -> None:
    monkeypatch.setattr("evaluation.canaries.REGEX_SECONDS", 0.05)
    runaway = canary_of({**edited(), "refuses": False, "contains": [], "regex": r"(a|a|aa)+$"})
    ruling = runaway.check("a" * 60 + "b", 0.1)
    assert ruling.outcome == "invalid"


@pytest.mark.django_db
def test_the_first_version_is_shipped_and_an_evaluation_remembers_its_version(make_evaluation, people) -> None:
    first = canary_set_current()
    assert first.records == SHIPPED and first.author is None and canary_set_current() == first
    assert make_evaluation(name="one").canary_set == first
    second = canary_save(record=edited(max_seconds=30), author=people.approver, reason="faster by now")
    evaluation = make_evaluation(name="two")
    assert evaluation.canary_set == second and canary_set_current() == second
    assert "-max_seconds = 60\n+max_seconds = 30" in canary_set_diff(first, second)
    assert canary_set_diff(None, first) == ""


@pytest.mark.django_db
def test_an_edited_canary_is_what_is_asked_next(make_evaluation, people) -> None:
    canary_save(record=edited(prompt="Install Jest, please."), author=people.approver, reason="politer")
    runtime = FakeRuntime(all_perfect())
    case = make_evaluation(profile="canaries", runtime=runtime).cases.get(case_id="decision-jest")
    assert "Install Jest, please." in runtime.questions and case.prompt == "Install Jest, please."


@pytest.mark.django_db
def test_editing_needs_a_reason_a_change_a_role_and_the_newest_version(people) -> None:
    first = canary_set_current()
    with pytest.raises(UserError, match="Write why"):
        canary_save(record=edited(max_seconds=30), author=people.approver, reason=" ")
    with pytest.raises(UserError, match="Nothing has changed"):
        canary_save(record=edited(), author=people.approver, reason="r")
    with pytest.raises(UserError, match="no canary: the regular expression"):
        canary_save(record=edited(regex="("), author=people.approver, reason="r")
    for who in (people.reviewer, people.outsider, None):
        with pytest.raises(UserError, match="no approver"):
            canary_save(record=edited(max_seconds=30), author=who, reason="r")
    second = canary_save(record=edited(max_seconds=30), author=people.approver, reason="r")
    with pytest.raises(UserError, match=f"approver saved version {second.pk} meanwhile"):
        canary_save(record=edited(max_seconds=20), author=people.admin, reason="r", base=first)


@pytest.mark.django_db
def test_restore_and_export(people) -> None:
    first = canary_set_current()
    second = canary_save(record=edited(max_seconds=30), author=people.approver, reason="r")
    assert read_records(canary_set_export(second)) == second.records
    third = canary_set_restore(canary_set=first, author=people.admin, reason="30 s was too little")
    assert (third.records, third.author) == (first.records, people.admin)
    assert third.reason == f"Restored version {first.pk}: 30 s was too little"
    with pytest.raises(UserError, match="nothing to restore"):
        canary_set_restore(canary_set=first, author=people.admin, reason="r")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = 1", "no canaries.toml"),
        ("canary = [1]", "list of tables"),
        ("[canary]\nid = 'a'", "list of tables"),
        ("]", "no canaries.toml"),
        (write_records(SHIPPED[:3], ""), "3 canaries are too few"),
        (write_records([*SHIPPED, SHIPPED[0]], ""), "two canaries are called"),
    ],
)
def test_a_file_that_holds_no_canaries_takes_no_gate_away(
    monkeypatch, tmp_path, client_for, people, text: str, fault: str
) -> None:
    file = tmp_path / "canaries.toml"
    file.write_text(text)
    monkeypatch.setattr(canaries, "CANARIES_FILE", file)
    with pytest.raises(UserError, match=fault):
        canary_set_current()
    told = client_for(people.approver).get(reverse("evaluation:canary_list"), follow=True)
    assert fault in told.content.decode()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"max_tokens": "abc"}, "max_tokens is of the wrong kind"),
        ({"max_seconds": float("nan")}, "from 1 to 600"),
        ({"contains": "word"}, "contains is of the wrong kind"),
        ({"refuses": "yes"}, "refuses is of the wrong kind"),
        ({"prompt": ["a"]}, "prompt is of the wrong kind"),
        ({"id": "../../x"}, "id is made of"),
        ({"id": "a" * 81}, "id is made of"),
        ({"regex": "(" * 500 + ")" * 500}, "the regular expression is wrong"),
        ({"judge": "tron_format", "case": {"text": "x"}}, "the judge failed"),
    ],
)
def test_what_is_no_canary_is_told_not_raised(change: dict, fault: str) -> None:
    assert fault in "; ".join(record_faults(SHIPPED[0] | change))


@pytest.mark.django_db
def test_an_edit_is_tried_on_the_live_models_last_answer(make_evaluation, people) -> None:
    live = baseline_ensure()
    assert canary_try(edited())["found"] is False
    evaluation = make_evaluation(name=live.build.name)
    strict = edited("pattern-vitest-only", contains=["vitest", "jest", "mocha"])
    trial = canary_try(strict)
    assert (trial["outcome"], trial["before"], trial["evaluation"]) == ("failed", "passed", evaluation.pk)
    assert "lacks 'mocha'" in trial["why"]
    saved = canary_save(record=strict, author=people.approver, reason="name all")
    assert saved.trial == trial
    assert "former prompt" in canary_try({**strict, "prompt": "Which one?"})["note"]


@pytest.mark.django_db
def test_the_page_checks_before_it_saves(client_for, people, make_evaluation) -> None:
    make_evaluation(name=baseline_ensure().build.name)
    base, client = canary_set_current(), client_for(people.approver)
    url, save = reverse("evaluation:canary_edit", args=["pattern-vitest-only"]), reverse("evaluation:canary_save")
    assert "Save as" not in client.get(url).content.decode()
    strict = edited("pattern-vitest-only", contains=["vitest", "<b>mocha"])
    page = client.post(save, posted(strict, base.pk, action="check", reason="stricter")).content.decode()
    assert "fails it: lacks &#x27;&lt;b&gt;mocha" in page and "Save as approver" in page
    assert CanarySet.objects.count() == 1
    bad = client.post(save, posted(edited(regex="("), base.pk, action="check"))
    assert bad.status_code == 422 and "regular expression is wrong" in bad.content.decode()
    assert client.post(save, posted(strict, base.pk, action="save", reason="")).status_code == 422
    page = client.post(save, posted(strict, base.pk, action="save", reason="stricter"), follow=True).content.decode()
    made = canary_set_current()
    assert f"Saved as version {made.pk}" in page and "+    &quot;&lt;b&gt;mocha&quot;" in page
    assert made.author == people.approver and made.trial["outcome"] == "failed"
    listed = client.get(reverse("evaluation:canary_list")).content.decode()
    assert "stricter" in listed and "As shipped" in listed
    toml = client.get(reverse("evaluation:canary_set_export", args=[made.pk]))
    assert read_records(toml.content.decode()) == made.records
    client.post(reverse("evaluation:canary_set_restore", args=[base.pk]), {"comment": "too strict"})
    assert canary_set_current().records == base.records


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["reviewer", "outsider"])
def test_only_approvers_edit_by_page(client_for, people, who: str) -> None:
    base, client = canary_set_current(), client_for(getattr(people, who))
    assert client.get(reverse("evaluation:canary_list")).status_code == 200
    assert client.get(reverse("evaluation:canary_edit", args=["decision-jest"])).status_code == 403
    body = posted(edited(max_seconds=30), base.pk, action="save", reason="r")
    assert client.post(reverse("evaluation:canary_save"), body).status_code == 403
    assert client.post(reverse("evaluation:canary_set_restore", args=[base.pk]), {"comment": "x"}).status_code == 403
    assert CanarySet.objects.count() == 1
    key = client_for(people.approver).post(
        reverse("evaluation:canary_save"), body, headers={"Authorization": "Bearer x"}
    )
    assert key.status_code == 403


@pytest.mark.django_db
def test_an_approver_sees_what_changes_against_live(client_for, people, make_evaluation, demo_counts) -> None:
    live = baseline_ensure()
    perfect = all_perfect()
    make_evaluation(
        name=live.build.name, runtime=FakeRuntime(lambda question: perfect(question) if "Jest" in question else "no")
    )
    canary_save(record=edited("pdca-tron", max_seconds=30), author=people.admin, reason="r")
    deployment = deployment_create(
        evaluation=make_evaluation(runtime=FakeRuntime(lambda q: "no" if "Jest in HarbourPilot" in q else perfect(q)))
    )
    found = changes(deployment, live)
    assert found is not None
    assert found.lost == ["decision-jest"] and "code-test" in found.won
    assert "pdca-tron" in found.note and "pdca-tron" not in found.won
    assert {row.name: row.better for row in found.rates}["PDCA schema"] is True
    assert "Base model" in {row.name for row in found.facts}
    page = client_for(people.approver).get(deployment.get_absolute_url()).content.decode()
    assert "What changes against live" in page and "decision-jest" in page
    assert changes(live, live) is None


@pytest.mark.django_db
def test_the_log_filters_and_exports(
    client_for, people, make_evaluation, demo_counts, django_assert_max_num_queries
) -> None:
    baseline_ensure()
    deployment = deployment_create(evaluation=make_evaluation(), actor=people.reviewer)
    client, url = client_for(people.outsider), reverse("evaluation:deployment_log")
    with django_assert_max_num_queries(12):
        page = client.get(url).content.decode()
    assert "without any gate" in page and "reviewer" in page
    after = lambda **asked: [one.after for one in client.get(url, asked).context["page"]]  # noqa: E731
    assert after(who="reviewer") == ["cleared", "candidate"] and after(who="platform") == ["live"]
    assert after(after="cleared") == ["cleared"] and after(text="untrained") == ["live"]
    exported = b"".join(client.get(url, {"export": "csv"}).streaming_content).decode()
    assert exported.count("\n") == 4 and str(deployment.pk) in exported


def test_the_admin_pages_carry_the_projects_name(client) -> None:
    assert "Web4 Agent" in client.get("/admin/login/").content.decode()


@pytest.mark.django_db
def test_the_form_keeps_every_shipped_canary_as_it_is() -> None:
    for record in SHIPPED:
        form = CanaryForm(posted(record, 1))
        assert form.is_valid(), form.errors
        assert record_of(canary_of(form.record())) == record_of(canary_of(record))
    for case in ("{", "[1]"):
        assert "This is no JSON" in str(CanaryForm(posted(SHIPPED[0], 1, case=case)).errors["case"])

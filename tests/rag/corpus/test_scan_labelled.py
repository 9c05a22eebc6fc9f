"""How well secrets are told from what looks like them, on labelled lines; side by side with detect-secrets alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.reader import parse_document
from rag.corpus.scan import scan_text
from rag.corpus.scan_rules import RULES, fold
from tests.rag.corpus.labelled_secrets import Labelled, harmless, secrets, some

SECRETS = list(secrets())
HARMLESS = list(harmless())
SECRET_KINDS = {"api_key", "token", "password", "private_key"}


def test_the_set_is_large_enough_to_say_something() -> None:
    assert len(SECRETS) >= 90
    assert len(HARMLESS) >= 90
    assert len({text for _, text in [*SECRETS, *HARMLESS]}) == len(SECRETS) + len(HARMLESS)


@pytest.mark.parametrize(("kind", "text"), SECRETS, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(SECRETS)])
def test_every_secret_is_found_by_its_kind(kind: str, text: str) -> None:
    assert kind in scan_text(f"Before it.\n{text}\nAfter it.\n").kinds


@pytest.mark.parametrize(("kind", "text"), HARMLESS, ids=range(len(HARMLESS)))
def test_nothing_harmless_is_touched(kind: str, text: str) -> None:
    assert scan_text(f"Before it.\n{text}\nAfter it.\n").kinds == ()


_ODD_LETTERS = str.maketrans({"s": "ſ", "k": "\N{KELVIN SIGN}", "i": "ı"})


@pytest.mark.parametrize("change", [str, str.upper, str.swapcase, lambda text: text.translate(_ODD_LETTERS)])
def test_what_a_rule_needs_never_hides_what_it_finds(change: Callable[[str], str]) -> None:
    found = 0
    for _, text in [*SECRETS, *HARMLESS]:
        changed = change(text)
        for rule in RULES:
            if next(rule.spans(changed), None) is not None:
                assert rule.may_be_in(fold(changed)), rule.needs
                found += bool(rule.needs)
    assert found > 10


def by_detect_secrets(lines: Sequence[Labelled], folder: Path) -> int:
    """How many of the texts detect-secrets finds anything in, with all its plugins and filters."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    found = SecretsCollection()
    with default_settings():
        for number, (_, text) in enumerate(lines):
            file = folder / f"{number}.md"
            file.write_text(text + "\n")
            found.scan_file(str(file))
    return len({name for name, _ in found})


def test_the_rules_beat_detect_secrets_alone(tmp_path: Path) -> None:
    real = [(kind, text) for kind, text in SECRETS if kind in SECRET_KINDS]
    (tmp_path / "real").mkdir()
    hits = by_detect_secrets(real, tmp_path / "real")
    alarms = by_detect_secrets(HARMLESS, tmp_path)
    assert hits < 0.8 * len(real)
    assert alarms > 0.05 * len(HARMLESS)


GLUED = [
    "api_key: {0}!tail9", "token={0};tail9", 'password="{0},tail9"', "password: {0},tail9", "ghp_{0}{0}{0}-tail9",
    "postgres://quay:{0}@tail9@db.example/app", "Authorization: Bearer {0}{0}$tail9", "secret: '{0}%tail9'",
]  # fmt: skip


@pytest.mark.parametrize("form", GLUED)
def test_no_part_of_a_secret_stays(form: str) -> None:
    for length in (16, 40, 300):
        value = some(length)
        redacted = scan_text(f"see {form.format(value)} and go on").redacted
        assert value[:8] not in redacted
        assert "tail9" not in redacted
        assert redacted.startswith("see ")
        assert redacted.endswith(" and go on")


PLACES = (
    "# PDCA: {0}\n\n## Plan {0}\n\n### {0}\n\n## Do\n\n## Check\n\n## Act\n",
    "**Objective:** {0}\n**Role:** {0}\n**Date:** {0}\n**Branch:** {0}\n",
    "**Previous PDCA:** [{0}]({0}.md) | [§/{0}]({0}/a.md)\n",
    "[{0}](https://github.com/o/r/blob/{0}/a.md)\n\n```{0}\n{0}\n",
    "---\nagent: {0}\n{0}: x\n---\n\n### TRON Feedback\n> {0}\n",
)


@pytest.mark.parametrize("form", PLACES)
def test_a_secret_reaches_no_part_of_a_document(form: str) -> None:
    value = "ghp_" + some(36)
    scan = scan_text(form.format(value))
    document = parse_document("j/2025-03-04-UTC-0910-x.pdca.md", scan.redacted, "")
    assert value not in repr(document)
    assert value[4:20] not in repr(document)
    assert value not in repr(scan)


@given(
    st.sampled_from([text for _, text in SECRETS if "\n" not in text]),
    st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30),
    st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30),
)
def test_what_stands_around_a_secret_stays(secret: str, before: str, after: str) -> None:
    text = f"{before}\n{secret}\n{after}"
    result = scan_text(text)
    assert result.kinds
    kept, position = [], 0
    for finding in result.findings:
        kept.append(text[position : finding.start])
        position = finding.end
    assert all(part in result.redacted for part in [*kept, text[position:]])

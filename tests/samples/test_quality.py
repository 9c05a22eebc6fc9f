"""Quality, duplicates, text and plan: small pure pieces."""

import random
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from samples.generators.text import quotes, sentence, statements
from samples.generators.wording import instruct, wordings
from samples.plan import load_plan, parse_plan
from samples.quality import assess, grounding, parse_faults, ungrounded
from samples.tokens import PROBE, TokenCounter, histogram
from web4site.errors import UserError

RECORD = {
    "instruction": "Where does the oven timer register its listener?",
    "input": "",
    "output": "`OvenTimer` registers its listener in `init`, since 2026-03-02.",
    "metadata": {"task_type": "note", "category": "style_core", "sample_id": "a" * 24},
}


def test_a_grounded_sample_scores_higher_than_an_invented_one() -> None:
    source = "On 2026-03-02 the OvenTimer moved its listener into init."
    good = assess(RECORD, sources=source, tokens=60, band=(20, 100))
    invented = assess(
        {**RECORD, "output": "`BreadRobot` does it since 2019-01-01 in src/robot/bread.ts, see a1b2c3d4."},
        sources=source,
        tokens=60,
        band=(20, 100),
    )
    assert not good.faults and good.parts["grounding"] == 1.0
    assert "not grounded: names something its sources do not" in invented.faults and invented.score < good.score


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"output": "short"}, "output: violates minLength 10"),
        ({"instruction": 5}, "instruction: violates type string"),
        ({"metadata": {}}, "metadata: 'task_type' is a required property"),
        ({"surplus": 1}, "record: violates additionalProperties False"),
    ],
)
def test_schema_faults_name_the_place_and_not_the_content(change: dict, fault: str) -> None:
    record = {**RECORD, **change}
    if isinstance(record["instruction"], str):
        assert fault in assess(record, sources=record["output"], tokens=50, band=(1, 99)).faults
    else:
        from samples.quality import schema_faults

        assert fault in schema_faults(record)


def test_tokens_outside_the_band_are_a_fault() -> None:
    assert "300 tokens, outside 20-100" in assess(RECORD, sources=RECORD["output"], tokens=300, band=(20, 100)).faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"instruction": "Explain the The principle of it."}, "a word said twice in the instruction"),
        ({"output": "- [ | spec/bread.md] All loaves rise."}, "left-over markup"),
        ({"output": "See [the recipe]() for more of it."}, "left-over markup"),
        ({"output": "**Done:**\n- The oven was lit.\n\n**Result:**\n\n\n**Next:** bake"}, "a part without content"),
        ({"output": "**Done:**\n- The oven was lit.\n\n**Result:**"}, "a part without content"),
        ({"output": "## Do\n\n**Oven**\n- It is lit.\n\n**Oven**\n- It is hot."}, "a heading said twice"),
        (
            {
                "output": "Das ist nicht gut, und die Brote sind auch nicht fertig, aber wir haben noch eine Stunde "
                "für das Backen der anderen."
            },
            "not in English",
        ),
    ],
)
def test_wording_faults(change: dict, fault: str) -> None:
    record = {**RECORD, **change}
    assert fault in assess(record, sources=record["output"], tokens=50, band=(1, 99)).faults


def test_code_is_no_left_over_markup() -> None:
    record = {**RECORD, "output": "Write `[|]` or\n```typescript\nconst a = [ | x]();\n```\nas the oven does."}
    assert "left-over markup" not in assess(record, sources=record["output"], tokens=50, band=(1, 99)).faults


def test_code_below_a_label_is_content_and_sections_may_share_a_heading() -> None:
    said = (
        "**Right:**\n\n```typescript\nconst heat = 1;\n```\n\n## Do\n\n**Oven**\n- Lit.\n\n## Check\n\n**Oven**\n- Hot."
    )
    faults = assess({**RECORD, "output": said}, sources=said, tokens=50, band=(1, 99)).faults
    assert not {"a part without content", "a heading said twice"} & set(faults)


def test_names_need_a_source_and_template_terms_do_not() -> None:
    said = "The loaf was checked by Marlene and then reported to Vitest."
    assert ungrounded(said, "nothing of it") == {"Marlene"}
    assert ungrounded(said, "marlene baked") == set()


def test_other_scripts_are_a_fault() -> None:
    record = {**RECORD, "output": "Это русский текст о хлебе и печи."}
    assert "not in a Latin script" in assess(record, sources="", tokens=50, band=(1, 99)).faults


def test_parse_faults() -> None:
    assert parse_faults("{}", "json") == [] and parse_faults("{", "json") == ["output is not JSON"]
    assert parse_faults("```typescript\nclass A {}\n```", "typescript") == []
    assert parse_faults("```typescript\nclass A {\n```", "typescript") == ["TypeScript does not parse"]
    assert parse_faults("no code at all", "typescript") == ["TypeScript does not parse"]


def test_grounding_counts_terms() -> None:
    assert grounding("plain words only", "") == 1.0
    assert grounding("`OvenTimer` and `BreadRobot`", "OvenTimer") == 0.5


def test_statements_are_what_somebody_says() -> None:
    text = """# Heading that does not count
- **Moved** the listener into [the timer](timer.ts) ✅
- [x] Baked forty loaves before six
> "the user said this about bread"
Steps:
| a table | does not count | here |
```
code does not count here either
```
`only.code` and path/to/file.ts
TBD what we do next week
"""
    assert statements(text) == ["Moved the listener into the timer", "Baked forty loaves before six"]
    assert quotes(text) == ["the user said this about bread"]


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_statements(text: str) -> None:
    for statement in statements(text):
        assert statement.strip() == statement and "\n" not in statement
        assert sentence(statement)


def test_every_wording_fills_its_slots() -> None:
    for key, entry in wordings().items():
        named = {name for texts in entry.values() for text in texts for name in string.Template(text).get_identifiers()}
        slots = {name: name.upper() for name in named}
        told = {instruct(key, random.Random(seed), **slots) for seed in range(60)}
        assert len(told) >= 3, key
        assert not any("$" in text for text in told)


def test_the_default_plan_is_the_table_of_the_project() -> None:
    plan = load_plan()
    assert plan.target == 37_000 and plan.eval_target == 2_000
    assert plan.targets() == {
        "style_core": 12_000,
        "domain_patterns": 8_000,
        "process_framework": 5_000,
        "domain_representatives": 3_000,
        "style_refactor": 3_000,
        "guardrails": 2_000,
        "tool_awareness": 1_000,
        "reporting_protocol": 3_000,
    }


@settings(deadline=None)
@given(st.floats(0.001, 100))
def test_scaling_keeps_every_part(scale: float) -> None:
    scaled = load_plan().scaled(scale)
    assert all(part.target >= 1 for part in scaled.parts)
    assert abs(scaled.target - 37_000 * scale) <= len(scaled.parts)


@pytest.mark.parametrize("scale", [0, -1, 101, float("nan")])
def test_impossible_scales(scale: float) -> None:
    with pytest.raises(UserError, match="scale"):
        load_plan().scaled(scale)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "'part' is a required property"),
        (
            {"part": [{"category": "style_core", "sub_category": "poetry", "target": 1, "band": [1, 2]}]},
            "style_core/poetry",
        ),
        (
            {"part": [{"category": "style_core", "sub_category": "radical_oop", "target": -1, "band": [1, 2]}]},
            "part/0/target",
        ),
    ],
)
def test_wrong_plans_say_where(raw: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_plan(raw)


def test_a_plan_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no plan file"):
        load_plan(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("part = [")
    with pytest.raises(UserError, match="not valid TOML"):
        load_plan(tmp_path / "bad.toml")


def test_tokens_are_those_of_the_tokenizer(tokenizer: Path) -> None:
    assert TokenCounter(tokenizer).count("four words of bread") == 4
    (tokenizer / "tokenizer.json").write_text("{")
    with pytest.raises(UserError, match="prepare it again"):
        TokenCounter(tokenizer)


def test_words_counted_once_give_the_tokens_of_the_whole(tmp_path: Path) -> None:
    """With a tokenizer that keeps words apart, and with one that does not."""
    texts = ["one two  three\n    four five", " a  b ", "", "x", "it's  done, isn't it? 12 345\n\n- [ ] `a.b` **c**"]
    for number, splitter in enumerate((ByteLevel(add_prefix_space=False), None)):
        tokenizer = Tokenizer(BPE())
        if splitter is not None:
            tokenizer.pre_tokenizer = splitter
        tokenizer.train_from_iterator([PROBE, *texts] * 3, BpeTrainer(vocab_size=400, show_progress=False))
        folder = tmp_path / str(number)
        folder.mkdir()
        tokenizer.save(str(folder / "tokenizer.json"))
        whole = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
        assert TokenCounter(folder).count_all(texts) == whole


def test_histogram_has_no_gaps() -> None:
    assert histogram([10, 20, 310]) == {"0": 2, "100": 0, "200": 0, "300": 1}
    assert histogram([]) == {}

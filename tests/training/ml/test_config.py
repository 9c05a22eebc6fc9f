"""Settings and presets."""

import pytest

from training.ml.config import load_preset, preset_names, settings_from
from web4site.errors import UserError


def test_balanced_is_the_plan():
    settings = load_preset("balanced")
    assert (settings.rank, settings.alpha, settings.dropout) == (16, 32, 0.05)
    assert (settings.epochs, settings.batch_size, settings.accumulation, settings.samples_per_step) == (2, 1, 12, 12)
    assert (settings.learning_rate, settings.schedule, settings.warmup_steps) == (2e-4, "cosine", 100)
    assert (settings.weight_decay, settings.clip_norm, settings.max_length) == (0.01, 1.0, 2048)
    assert (settings.log_every, settings.save_every, settings.keep_checkpoints) == (50, 500, 3)
    assert len(settings.targets) == 7


def test_incremental_is_the_plan():
    settings = load_preset("incremental")
    assert (settings.epochs, settings.learning_rate, settings.schedule) == (1, 1e-4, "constant")
    assert (settings.warmup_steps, settings.accumulation) == (10, 4)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_survives_storage(name: str):
    settings = load_preset(name)
    assert settings_from(settings.as_dict()) == settings


def test_overrides_are_typed():
    texts = {"max_steps": "7", "learning_rate": "3e-4", "targets": "q_proj, v_proj", "gradient_checkpointing": "true"}
    settings = load_preset("demo", overrides=texts)
    assert (settings.max_steps, settings.learning_rate, settings.targets) == (7, 3e-4, ("q_proj", "v_proj"))
    assert settings.gradient_checkpointing is True


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rank", "0", "must be at least 1"),
        ("rank", "many", "is not a int"),
        ("rank", "100000000", "must be at most 4096"),
        ("threads", "100000000", "must be at most 1024"),
        ("seed", "1" + "0" * 30, "must be at most"),
        ("max_seconds", "inf", "must be at most"),
        ("weight_decay", "nan", "must be at most"),
        ("clip_norm", "inf", "must be above 0"),
        ("learning_rate", "nan", "between 0 and 1"),
        ("dropout", "1.5", "from 0 to below 1"),
        ("schedule", "sawtooth", "cosine or constant"),
        ("targets", "embed_tokens", "must be from"),
        ("colour", "red", "Unknown training setting colour"),
        ("gradient_checkpointing", "perhaps", "true or false"),
    ],
)
def test_a_bad_override_is_refused(name: str, text: str, message: str):
    with pytest.raises(UserError, match=message):
        load_preset("demo", overrides={name: text})


def test_an_unknown_preset_lists_the_known():
    with pytest.raises(UserError, match=r"choose from balanced, .*demo, embedded, incremental"):
        load_preset("fast")

"""Parameters are data: shipped with bounds and meaning, replaced by a file of the installation."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from rag.retrieval.parameters import (
    SHIPPED,
    Parameters,
    current_parameters,
    parameter_bounds,
    parameters_write,
    shipped_parameters,
    tuned_file,
)
from web4site.errors import UserError


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.WEB4_HOME = tmp_path
    return tmp_path


def test_every_shipped_parameter_has_bounds_and_a_meaning() -> None:
    data = tomllib.loads(SHIPPED.read_text())
    assert data.keys() == shipped_parameters().as_dict().keys()
    for name, entry in data.items():
        assert entry["bounds"][0] <= entry["value"] <= entry["bounds"][1], name
        assert len(entry["meaning"]) > 10


def test_tuned_parameters_are_used_at_once_and_can_be_removed() -> None:
    assert current_parameters() == shipped_parameters()
    tuned = Parameters.of({**shipped_parameters().as_dict(), "words": 0.7, "depth": 41})
    parameters_write(tuned, "two\nlines")
    assert current_parameters() == tuned
    tuned_file().unlink()
    assert current_parameters() == shipped_parameters()


def test_a_parameter_that_came_later_keeps_its_shipped_value() -> None:
    tuned_file().write_text("[parameters]\nwords = 0.5\nforgotten = 3\n")
    assert current_parameters().as_dict() == {**shipped_parameters().as_dict(), "words": 0.5}


@pytest.mark.parametrize(
    "text", ["", "words = 1", "[parameters]\nwords = 99", "[parameters]\nwords = true", "\xff", "=="]
)
def test_a_broken_file_is_one_clear_line(text: str) -> None:
    tuned_file().write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError):
        current_parameters()


def test_whole_numbers_stay_whole() -> None:
    low, high = parameter_bounds()["depth"]
    assert isinstance(Parameters.of({**shipped_parameters().as_dict(), "depth": (low + high) / 2}).depth, int)

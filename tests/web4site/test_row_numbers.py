"""Numbers of rows in addresses and commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web4site.row_numbers import row_number


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_what_a_key_can_be_is_read(number: int) -> None:
    assert row_number(str(number)) == number


@pytest.mark.parametrize("text", [None, "", "-1", " 1", "1e3", "²", "١", "9" * 19, "9" * 5000])
def test_anything_else_names_no_row(text: str | None) -> None:
    assert row_number(text) is None

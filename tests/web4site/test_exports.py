"""Lists as files."""

import csv
import io
import json

import pytest
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from web4site.exports import export

text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


def body(response):
    return b"".join(response.streaming_content).decode()


@given(st.lists(st.fixed_dictionaries({"name": text, "n": st.integers()})))
def test_jsonl_gives_back_every_row(rows):
    lines = body(export(rows, ["name", "n"], "jsonl", "x")).split("\n")
    assert [json.loads(line) for line in lines if line] == rows


@given(st.lists(text.filter(lambda value: "\r" not in value), min_size=1))
def test_csv_keeps_texts_and_never_starts_a_cell_with_a_formula(values):
    parsed = list(
        csv.reader(io.StringIO(body(export([{"name": value} for value in values], ["name"], "csv", "x")), newline=""))
    )
    cells = [row[0] if row else "" for row in parsed[1:]]
    assert len(cells) == len(values)
    for cell, value in zip(cells, values, strict=True):
        assert cell in (value, f"'{value}")
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


def test_an_unknown_format_is_not_found():
    with pytest.raises(Http404):
        export([], [], "xlsx", "x")

"""Reading in child processes. This module is loaded by them: it must not need Django."""

import os
from pathlib import Path

from rag.services.preparing import Preparer


def deadly(text: str) -> int:
    """A token counter that ends its process over one file."""
    if "number 1" in text:
        os._exit(9)
    return len(text.split())


def test_a_reader_that_dies_over_a_file_costs_that_file_alone(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.md").write_text(f"# Note\n\nthis is number {number}\n")
    preparer = Preparer(tmp_path, deadly, files=1000)
    try:
        found = {file.path: file for file in preparer(["0.md", "1.md", "2.md", "3.md"])}
    finally:
        preparer.close()
    assert [path for path, file in found.items() if file.failed] == ["1.md"]
    assert "killed" in found["1.md"].failed

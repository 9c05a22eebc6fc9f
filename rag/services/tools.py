"""The tool examples of one IDE ecosystem in place of another's: a re-index of one collection, no retraining.

The accepted lines lie in a corpus of their own, `WEB4_HOME/tools`, whose switch replaces all of them at once. Examples
that stand in other corpora leave the index; their files stay where they are.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from rag.corpus.decoding import UnreadableDocument, decode
from rag.corpus.scan import scan_text
from rag.corpus.tools import ToolExample, read_example, read_line
from rag.corpus.types import DocumentKind
from rag.models import Chunk, Corpus, Document
from rag.services.indexing import index_root
from rag.stores import get_lexical, get_vectors
from web4site.errors import UserError
from web4site.progress import Report

Check = Callable[[ToolExample], str]
"""Says in words what is wrong with an example; an empty string where nothing is."""

MAX_NAMED = 50
_ECOSYSTEM = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(slots=True)
class Accepted:
    """Lines of the given files that are examples of the ecosystem, and the others with the reason."""

    lines: list[str] = field(default_factory=list)
    distinct: set[tuple[object, ...]] = field(default_factory=set)
    read: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)


class NothingChanged(UserError):
    """None of the lines can be used, or not all where all have to be; `accepted` names every refused one."""

    def __init__(self, accepted: Accepted) -> None:
        first = accepted.refused[0] if accepted.refused else None
        where = f" {first['file']} line {first['line']}: {first['reason']}." if first else ""
        refused = f"{len(accepted.refused)} of {accepted.read} lines are refused"
        super().__init__(f"Nothing was changed: {refused}.{where}", exit_code=1)
        self.accepted = accepted


def tools_swap(
    *, files: Sequence[Path], ecosystem: str, check: Check, strict: bool = False, listener: Report | None = None
) -> dict[str, Any]:
    """Make these files the tool examples that retrieval knows; NothingChanged when none of their lines can be used.

    Lines that name no ecosystem are taken for the given one. `strict`: change nothing when any line is refused.
    Returns ecosystem, lines, distinct, refused, chunks, retired (documents of other corpora), run and
    faults[{file, line, reason}].
    """
    if not _ECOSYSTEM.fullmatch(ecosystem):
        raise UserError("An ecosystem is a short name in small letters, such as continue or cursor.")
    accepted = Accepted()
    for file in files:
        _accept(file, ecosystem, check, accepted)
    if not accepted.lines or (strict and accepted.refused):
        raise NothingChanged(accepted)
    folder = settings.WEB4_HOME / "tools"
    _write(folder, ecosystem, accepted.lines)
    run = index_root(root=folder, full=True, listener=listener)
    retired = _retire_others(Corpus.objects.get(pk=run["corpus"]))
    return {
        "ecosystem": ecosystem,
        "lines": accepted.read,
        "distinct": len(accepted.distinct),
        "refused": len(accepted.refused),
        "chunks": run["chunks"],
        "retired": retired,
        "run": run["run"],
        "faults": accepted.refused[:MAX_NAMED],
    }


def _accept(file: Path, ecosystem: str, check: Check, accepted: Accepted) -> None:
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        accepted.read += 1
        record = read_line(line)
        reason = record if isinstance(record, str) else _fault(record, ecosystem, check, accepted)
        if reason:
            accepted.refused.append({"file": file.name, "line": number, "reason": scan_text(reason).redacted})


def _fault(record: dict[str, Any], ecosystem: str, check: Check, accepted: Accepted) -> str:
    """Take over a record, or say why not."""
    metadata = record.get("metadata")
    named = record.get("tool_ecosystem") or (metadata.get("tool_ecosystem") if isinstance(metadata, dict) else "")
    if named and named != ecosystem:
        return f"belongs to another ecosystem than {ecosystem}"
    example = read_example({**record, "tool_ecosystem": ecosystem}, 0, 0)
    if reason := check(example):
        return reason
    accepted.distinct.add(example.content)
    accepted.lines.append(json.dumps({**record, "tool_ecosystem": ecosystem}))
    return ""


def _lines(file: Path) -> Iterator[str]:
    try:
        yield from decode(file.read_bytes()).text.split("\n")
    except UnreadableDocument as error:
        raise UserError(f"{file} cannot be read: {error.reason}.") from None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from None


def _write(folder: Path, ecosystem: str, lines: Sequence[str]) -> None:
    """Replace what lies in the folder by one file; whatever interrupts this leaves readable files."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    target = folder / f"{ecosystem}.jsonl"
    Path(draft).replace(target)
    for other in folder.glob("*.jsonl"):
        if other != target:
            other.unlink()


def _retire_others(corpus: Corpus) -> int:
    """Take the examples of other corpora out of all tiers; returns how many documents that were.

    Their rows stay: the files are still there, and an index run must not bring the examples back.
    """
    others = Document.objects.filter(kind=DocumentKind.TOOL_EXAMPLES).exclude(corpus=corpus)
    chunks = list(Chunk.objects.filter(document__in=others).values_list("uid", "document__collection"))
    with transaction.atomic():
        Chunk.objects.filter(document__in=others).delete()
        retired = others.filter(ok_to_retrieve=True).update(ok_to_retrieve=False)
    get_lexical().delete([uid for uid, _ in chunks])
    for collection in {collection for _, collection in chunks}:
        get_vectors().delete(collection, [uid for uid, place in chunks if place == collection])
    return retired

"""One file of the corpus, read: kind, fields with their origin, sections, links and faults."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rag.corpus.classify import classify
from rag.corpus.decoding import MAX_BYTES, UnreadableDocument, decode
from rag.corpus.fields import Material, collect_fields
from rag.corpus.headers import fenced_lines
from rag.corpus.links import read_links, resolve_links
from rag.corpus.markdown import Outline, line_starts, outline
from rag.corpus.names import parse_name
from rag.corpus.sections import PDCA_SECTIONS, build_sections, pdca_sections, plain_heading
from rag.corpus.types import (
    DocumentKind,
    Fault,
    ParsedDocument,
    Section,
    Severity,
    Sourced,
)

SUFFIXES = {".md", ".markdown", ".ts", ".tsx", ".jsonl"}
SKIPPED_FOLDERS = {".git", ".hg", ".svn", "node_modules", "dist", "build", "coverage", "__pycache__", ".venv", "venv"}

__all__ = ["UnreadableDocument", "find_files", "read_document", "resolve_links"]


def find_files(root: Path) -> Iterator[str]:
    """Relative posix paths of the files worth reading, sorted by folder; links are never followed."""
    for folder, folders, files in os.walk(root, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix.lower() in SUFFIXES and not path.is_symlink() and path.is_file():
                yield path.relative_to(root).as_posix()


def read_document(root: Path, path: str) -> ParsedDocument:
    """Read and parse one file. Raises `UnreadableDocument` with the reason."""
    data = _read_bytes(root, path)
    decoded = decode(data)
    return parse_document(path, decoded.text, hashlib.sha256(data).hexdigest(), decoded.faults)


def _read_bytes(root: Path, path: str) -> bytes:
    full = root / path
    try:
        path.encode()
        if not full.resolve().is_relative_to(root.resolve()):
            raise UnreadableDocument("outside the corpus root")
        if not full.is_file():
            raise UnreadableDocument("not a regular file")
        with full.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except UnicodeEncodeError:
        raise UnreadableDocument("the file name is not UTF-8") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise UnreadableDocument(f"cannot be read: {type(error).__name__}") from None


def parse_document(path: str, text: str, sha256: str, faults: tuple[Fault, ...] = ()) -> ParsedDocument:
    """Parse a decoded text. Never raises on any text."""
    name = parse_name(path)
    markdown = PurePosixPath(path).suffix.lower() in {".md", ".markdown"}
    found = outline(text) if markdown else Outline((), (), ())
    sections = build_sections(found.headings, len(text))
    title = _title(path, found)
    kind = classify(path, text, name, title, sections)
    starts = line_starts(text)
    lines = text.split("\n")
    fenced = fenced_lines(found.blocks, starts)
    header_end = next((heading.line for heading in found.headings if heading.level > 1), len(lines))
    links = read_links(lines, fenced, header_end) if markdown else ()
    material = Material(path, kind, name, title, text, lines, starts, sections, fenced, links)
    fields, field_faults = collect_fields(material)
    return ParsedDocument(
        path=path,
        kind=kind,
        title=title,
        text=text,
        fields=fields,
        sections=sections,
        links=links,
        faults=(*faults, *found.faults, *field_faults, *_missing(kind, sections, fields)),
        sha256=sha256,
    )


def _title(path: str, found: Outline) -> str:
    """The first level-1 heading, else the first heading, else the file name."""
    headings = found.headings
    first = next((h for h in headings if h.level == 1), headings[0] if headings else None)
    return (plain_heading(first.text) if first else "") or PurePosixPath(path).name


def _missing(kind: DocumentKind, sections: tuple[Section, ...], fields: dict[str, Sourced]) -> list[Fault]:
    """What a PDCA should have and has not."""
    if kind is not DocumentKind.PDCA:
        return []
    missing = [f"{name} section" for name in PDCA_SECTIONS if name not in pdca_sections(sections)]
    missing += [] if "date" in fields else ["date"]
    return [Fault(Severity.WARNING, f"no {what}") for what in missing]

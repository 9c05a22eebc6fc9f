"""One file of the corpus, read: kind, fields with their origin, sections, links and faults."""

from __future__ import annotations

import hashlib
import os
import stat
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

MAX_PATH = 1000
SUFFIXES = {".md", ".markdown", ".ts", ".tsx", ".jsonl"}
SKIPPED_FOLDERS = {".git", ".hg", ".svn", "node_modules", "dist", "build", "coverage", "__pycache__", ".venv", "venv"}

__all__ = ["UnreadableDocument", "find_files", "find_set_aside", "read_document", "resolve_links"]


def find_files(root: Path) -> Iterator[str]:
    """Relative posix paths of the files worth reading, sorted by folder; links are never followed."""
    return (path for path, reason in _walk(root) if not reason)


def find_set_aside(root: Path) -> Iterator[tuple[str, str]]:
    """What lies under the root like a document and is not read: (relative path, reason)."""
    return ((path, reason) for path, reason in _walk(root) if reason)


def _walk(root: Path) -> Iterator[tuple[str, str]]:
    """(path, "") of a file to read, (path, reason) of what is not; one folder after the other, however deep."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield folder or ".", f"folder cannot be read: {type(error).__name__}"
            continue
        inside = [f"{folder}/{entry.name}" if folder else entry.name for entry in entries]
        folders = []
        for path, entry in zip(inside, entries, strict=True):
            reason = _not_read(entry)
            if reason is None:
                folders.append(path)
            elif reason or PurePosixPath(path).suffix.lower() in SUFFIXES:
                yield path, reason
        waiting.extend(reversed(folders))


def _not_read(entry: os.DirEntry[str]) -> str | None:
    """Why an entry is not read: an empty string for a file, None for a folder to look into."""
    wanted = PurePosixPath(entry.name).suffix.lower() in SUFFIXES
    if entry.is_symlink():
        # `Path.is_dir` raises where a link may not be looked at.
        return "symbolic link, not followed" if wanted or os.path.isdir(entry.path) else ""  # noqa: PTH112
    if entry.is_dir(follow_symlinks=False):
        return None if entry.name not in SKIPPED_FOLDERS else ""
    return "not a regular file" if wanted and not entry.is_file(follow_symlinks=False) else ""


def read_document(root: Path, path: str) -> ParsedDocument:
    """Read and parse one file. Raises `UnreadableDocument` with the reason."""
    data = _read_bytes(root, path)
    decoded = decode(data)
    return parse_document(path, decoded.text, hashlib.sha256(data).hexdigest(), decoded.faults)


def _read_bytes(root: Path, path: str) -> bytes:
    full = root / path
    try:
        if len(path.encode()) > MAX_PATH:
            raise UnreadableDocument(f"path longer than {MAX_PATH} bytes")
        if not full.resolve().is_relative_to(root.resolve()):
            raise UnreadableDocument("outside the corpus root")
        with open(full, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableDocument("not a regular file")
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise UnreadableDocument("not a regular file") from None
    except UnicodeEncodeError:
        raise UnreadableDocument("the file name is not UTF-8") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise UnreadableDocument(f"cannot be read: {type(error).__name__}") from None


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe without a writer would otherwise never open."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


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

"""What kind of document a file is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.corpus.names import NameParts
from rag.corpus.sections import pdca_sections
from rag.corpus.types import DocumentKind, Section

_DIALOGUE = re.compile(r"^cursor_|\.dialou?gu?e?\.(?:md|markdown)$|\bchat[-_.](?:dump|log|export)\b", re.IGNORECASE)
_TEMPLATE = re.compile(r"^template\.|[.-]template\.(?:md|markdown)$", re.IGNORECASE)
_HOWTO = re.compile(r"(?:^|[._-])how-?to(?:[._-]|$)", re.IGNORECASE)
_README = re.compile(r"^(?:readme|index|changelog|contributing)\b", re.IGNORECASE)
_REQUIREMENT = re.compile(r"requir\w*|\.requirement\.", re.IGNORECASE)
_TOPIC_HEADING = re.compile(r"^\d{1,2}\.\s+\S+.*\s[-–—]\s")
_PDCA_TITLE = re.compile(r"\bpdca\b", re.IGNORECASE)
_TYPESCRIPT = {".ts", ".tsx", ".mts", ".cts"}
_PROCESS_FOLDERS = {"process", "roles", "recovery", "recovery.analysis", "chatmodes", "standards"}
_JOURNAL_FOLDERS = {"project.journal", "session", "sessions", "journal"}
MIN_TOPICS = 3


def classify(path: str, text: str, name: NameParts, title: str, sections: Sequence[Section]) -> DocumentKind:
    """Decide the kind from the path first, then from the name and headings."""
    suffix = PurePosixPath(path).suffix.lower()
    if not text.strip():
        return DocumentKind.EMPTY
    if suffix in _TYPESCRIPT:
        return DocumentKind.TYPESCRIPT
    if suffix == ".jsonl":
        return DocumentKind.TOOL_EXAMPLES
    return _by_exclusion(path, name) or _by_content(path, name, title, sections)


def _by_exclusion(path: str, name: NameParts) -> DocumentKind | None:
    """Files that look like journals and are none: dialogues, templates, howtos, READMEs."""
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    if _DIALOGUE.search(pure.name):
        return DocumentKind.DIALOGUE
    if _TEMPLATE.search(pure.name) or "templates" in folders:
        return DocumentKind.TEMPLATE
    if _HOWTO.search(pure.name) and not name.dated:
        return DocumentKind.PROCESS
    if _README.match(pure.name):
        return DocumentKind.COMPONENT_DOC if "components" in folders else DocumentKind.OTHER
    return None


def _by_content(path: str, name: NameParts, title: str, sections: Sequence[Section]) -> DocumentKind:
    if is_pdca(name, title, sections):
        return DocumentKind.PDCA
    if is_process_framework(sections):
        return DocumentKind.PROCESS_FRAMEWORK
    return _by_folder(path, name)


def is_pdca(name: NameParts, title: str, sections: Sequence[Section]) -> bool:
    """A dated name with the pdca suffix, or at least three of the four sections and a date or a PDCA title."""
    if name.dated and name.pdca_suffix:
        return True
    enough = len(pdca_sections(sections)) >= 3
    return enough and (name.dated or bool(_PDCA_TITLE.search(title)))


def is_process_framework(sections: Sequence[Section]) -> bool:
    """Numbered topics, most of them with key lessons: the trainAI format."""
    topics = sum(1 for section in sections if _TOPIC_HEADING.match(section.heading))
    lessons = sum(1 for section in sections if section.name == "key_lessons")
    return topics >= MIN_TOPICS and lessons * 2 >= topics


def _by_folder(path: str, name: NameParts) -> DocumentKind:
    pure = PurePosixPath(path)
    folders = [part.lower() for part in pure.parts[:-1]]
    if _REQUIREMENT.search(pure.name) or any(_REQUIREMENT.search(folder) for folder in folders):
        return DocumentKind.REQUIREMENT
    if "components" in folders or "component" in folders:
        return DocumentKind.COMPONENT_DOC
    if set(folders) & _JOURNAL_FOLDERS or name.dated:
        return DocumentKind.JOURNAL
    if set(folders) & _PROCESS_FOLDERS or pure.name.lower().startswith("process"):
        return DocumentKind.PROCESS
    return DocumentKind.OTHER

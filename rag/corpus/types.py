"""What the corpus reader hands to everything above it: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DocumentKind(StrEnum):
    """What a file is; decided by `rag.corpus.classify` from its path, headings and labels."""

    PDCA = "pdca"
    JOURNAL = "journal"
    PROCESS = "process"
    COMPONENT_DOC = "component_doc"
    TYPESCRIPT = "typescript"
    REQUIREMENT = "requirement"
    TEMPLATE = "template"
    DIALOGUE = "dialogue"
    TOOL_EXAMPLES = "tool_examples"
    PROCESS_FRAMEWORK = "process_framework"
    EMPTY = "empty"
    OTHER = "other"


class Origin(StrEnum):
    """Where a field's value was found."""

    NAME = "name"
    HEADER = "header"
    H1 = "h1"
    PATH = "path"
    BODY = "body"
    GIT = "git"
    DEFAULT = "default"


class Severity(StrEnum):
    """How much a fault matters: a note on what was guessed, or something a person should look at."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Sourced:
    """A field's value together with the place it came from."""

    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Section:
    """One heading and all the text below it, up to the next heading of the same or a higher level.

    `name` is canonical (objective, plan, do, check, act, summary, tron_feedback, qa_decisions, ...)
    or a slug of the heading; `start` and `end` are character offsets in the document's text, the
    heading line included.
    """

    name: str
    heading: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """A breadcrumb or reference as written in a document.

    `relation`: FOLLOWS (a Previous link), PRECEDES (a Next link), PARENT, TRACKING or TOUCHES.
    `target` is the local half, `github` the GitHub half; either may be empty. `resolved` is the
    path under the corpus root when the link alone decides it, and `how` says how it was read.
    """

    relation: str
    target: str
    github: str
    label: str
    resolved: str | None
    how: str


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """An edge between two documents of the corpus.

    PRECEDES runs from the earlier to the later document, whichever of them wrote the link;
    PARENT, TRACKING and TOUCHES run from the document that wrote the link to the one it names.
    """

    source: str
    target: str
    relation: str
    how: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something guessed, missing or odd in a document; `line` counts from 1, 0 means the whole file."""

    severity: Severity
    message: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """One file, read. `text` has `\\n` line ends; `sha256` is over the file's bytes."""

    path: str
    kind: DocumentKind
    title: str
    text: str
    fields: dict[str, Sourced]
    sections: tuple[Section, ...]
    links: tuple[Link, ...]
    faults: tuple[Fault, ...]
    sha256: str

    def value(self, key: str, default: str = "") -> str:
        """The field's value, or `default` when the document does not have it."""
        found = self.fields.get(key)
        return found.value if found else default


@dataclass(frozen=True, slots=True)
class ChunkText:
    """A piece of a document: `text` is `document.text[start:end]`.

    `tokens` counts `context_text`, that is the heading path and the text, in the embedder's tokens.
    `fields` holds what is true of this piece alone: the tool and count of an example, the class of
    a method group, the number of a topic.
    """

    index: int
    chunk_type: str
    heading_path: tuple[str, ...]
    text: str
    start: int
    end: int
    tokens: int
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def context_text(self) -> str:
        """What is embedded and searched: the heading path as a first line, then the text."""
        return context_text(self.heading_path, self.text)


def context_text(heading_path: tuple[str, ...], text: str) -> str:
    """The text under its heading path, so that a short piece says where it stands."""
    return f"{' > '.join(heading_path)}\n{text}" if heading_path else text

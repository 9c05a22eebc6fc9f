"""Breadcrumbs and references: read from a document, then resolved against the corpus."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote

from rag.corpus.headers import MAX_LINE, label_lines
from rag.corpus.names import parse_name
from rag.corpus.sections import plain_heading
from rag.corpus.types import DocumentKind, Link, ResolvedLink

MAX_TOUCHES = 200
MIN_SLUG = 8

_RELATIONS = (
    ("FOLLOWS", re.compile(r"^(?:follows|backward|(?:previous|prev)(?: pdca| entry| session| iteration)?(?: link)?)$")),
    ("PRECEDES", re.compile(r"^(?:precedes|forward|next(?: pdca| entry| iteration)(?: link)?)$")),
    ("PARENT", re.compile(r"^parent(?: pdca| entry| session| iteration)?(?: link)?$")),
    ("TRACKING", re.compile(r"^(?:(?:main )?tracking(?: pdca| entry)?(?: link)?|iteration tracking)$")),
)
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(\s*<?([^()<>\s]{0,600})>?\s*\)")
_BARE = re.compile(r"`?([\w./@-]+\.(?:md|markdown|tsx?))`?")
_GITHUB = re.compile(r"^https?://github\.com/[^/]+/[^/]+/(?:blob|tree|raw)/(.+)$", re.IGNORECASE)
_WEB = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PDCA_WORD = re.compile(r"^pdca[-_.]|[-_.]pdca$")
_EMPTY = {"", "#", "tbd", "n/a", "na", "none", "pending"}
_FILE = re.compile(r"\.(?:md|markdown|tsx?)$", re.IGNORECASE)


class Linked(Protocol):
    """What `resolve_links` needs of a document."""

    @property
    def path(self) -> str: ...
    @property
    def kind(self) -> DocumentKind: ...
    @property
    def links(self) -> Sequence[Link]: ...


def read_links(lines: Sequence[str], fenced: Set[int], header_end: int) -> tuple[Link, ...]:
    """Breadcrumb entries, and each distinct file a document links to (TOUCHES).

    Where the header, the lines before `header_end`, has an entry of a relation, later ones of it are
    quotes. What stands in a code fence is an example; it counts only for a document with no other entry.
    """
    outside = ["" if number in fenced else line for number, line in enumerate(lines)]
    found = list(_breadcrumbs(outside, header_end)) or list(_breadcrumbs(lines, header_end))
    breadcrumbs = _from_header(found, header_end)
    known = {(link.target, link.github) for link in breadcrumbs}
    touches: dict[tuple[str, str], Link] = {}
    for line in outside:
        for link in _halves("TOUCHES", line[:MAX_LINE]):
            pair = (link.target, link.github)
            if pair not in known and _FILE.search(_without_anchor(link.target or link.github)):
                touches.setdefault(pair, link)
    return (*breadcrumbs, *list(touches.values())[:MAX_TOUCHES])


def _from_header(entries: Sequence[tuple[int, Link]], header_end: int) -> list[Link]:
    in_header = {link.relation for line, link in entries if line < header_end}
    return [link for line, link in entries if line < header_end or link.relation not in in_header]


def _breadcrumbs(lines: Sequence[str], header_end: int) -> Iterator[tuple[int, Link]]:
    """Entries with their 0-based line: labels first, then links whose text names the relation.

    `Next:` alone is a breadcrumb in the header; further down it belongs to a decision.
    """
    for entry in label_lines(lines):
        is_next = entry.label == "next" and entry.line < header_end
        if relation := "PRECEDES" if is_next else _relation(entry.label):
            yield from ((entry.line, link) for link in _halves(relation, entry.value, bare=True))
    for number, line in enumerate(lines):
        for label, target in _LINK.findall(line[:MAX_LINE]):
            relation = _relation(plain_heading(label).lower())
            if relation and not _is_empty(target):
                yield number, Link(relation, target, "", label, None, "link text")


def _relation(label: str) -> str | None:
    return next((name for name, pattern in _RELATIONS if pattern.match(label)), None)


def _halves(relation: str, text: str, *, bare: bool = False) -> Iterator[Link]:
    """Links in a line; a GitHub half is joined with the local half after it."""
    github, github_label = "", ""
    for label, target in _LINK.findall(text):
        if _GITHUB.match(target) or label.strip().lower() == "github":
            if github:
                yield Link(relation, "", github, github_label, None, "github only")
            github, github_label = ("" if _is_empty(target) else target), label
        elif not _is_empty(target) and not _WEB.match(target):
            yield Link(relation, target, github, label, None, "dual" if github else "local only")
            github = ""
    if github:
        yield Link(relation, "", github, github_label, None, "github only")
    if bare and not _LINK.search(text) and (found := _BARE.search(text)):
        yield Link(relation, found[1], "", found[1], None, "plain path")


def _is_empty(target: str) -> bool:
    return target.strip().lower() in _EMPTY or target.lower().startswith("file:")


def _without_anchor(target: str) -> str:
    return unquote(target.split("#", 1)[0].split("?", 1)[0])


def is_valid_dual(link: Link) -> bool:
    """Both halves are there, name the same file, and the local half is shown with `§`."""
    github = github_path(link.github)
    local = _without_anchor(link.target).lstrip("./")
    while local.startswith("../"):
        local = local[3:]
    return bool(github and local) and github.endswith(local) and link.label.strip().startswith("§")


def github_path(url: str) -> str:
    """`branch/path` of a GitHub file address, or an empty string; a branch may contain slashes."""
    found = _GITHUB.match(_without_anchor(url))
    return found[1] if found else ""


class Resolver:
    """Finds the document a link means among the paths of a corpus."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = set(paths)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stamp: dict[str, list[str]] = defaultdict(list)
        self._by_slug: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            self._by_name[PurePosixPath(path).name].append(path)
            name = parse_name(path)
            if name.dated and name.stamp:
                self._by_stamp[name.stamp].append(path)
            if name.dated and (slug := _slug_key(name.slug)):
                self._by_slug[slug].append(path)

    def resolve(self, source: str, link: Link) -> tuple[str, str] | None:
        """(path, how) of the document a link means, or None. Never a path outside the corpus."""
        target = _without_anchor(link.target).removeprefix("§")
        github = github_path(link.github)
        return (
            self._relative(source, target)
            or self._root_relative(target)
            or self._github(github)
            or self._unique_name(target or github)
            or self._renamed(source, target or github)
        )

    def _known(self, path: str, how: str) -> tuple[str, str] | None:
        return (path, how) if path in self._paths else None

    def _relative(self, source: str, target: str) -> tuple[str, str] | None:
        if not target or target.startswith("/"):
            return None
        return self._known(posixpath.normpath(posixpath.join(posixpath.dirname(source), target)), "relative")

    def _root_relative(self, target: str) -> tuple[str, str] | None:
        return self._known(posixpath.normpath(target.lstrip("/")), "root-relative") if target else None

    def _github(self, path: str) -> tuple[str, str] | None:
        """The branch is whatever stands before the longest known path."""
        parts = path.split("/")
        candidates = ("/".join(parts[first:]) for first in range(1, len(parts) - 1))
        return next((found for path in candidates if (found := self._known(path, "github"))), None)

    def _unique_name(self, target: str) -> tuple[str, str] | None:
        same = self._by_name.get(posixpath.basename(target), [])
        return (same[0], "unique name") if len(same) == 1 else None

    def _renamed(self, source: str, target: str) -> tuple[str, str] | None:
        """The only document with the same slug, or of the same minute, anywhere or beside the source."""
        name = parse_name(target)
        for same in (self._by_slug.get(_slug_key(name.slug), []), self._by_stamp.get(name.stamp, [])):
            others = [path for path in same if path != source]
            beside = [path for path in others if posixpath.dirname(path) == posixpath.dirname(source)]
            for group in (others, beside):
                if len(group) == 1:
                    return group[0], "renamed"
        return None


def _slug_key(slug: str) -> str:
    """What stays of a slug when a file gets another date; empty where it is too short to tell."""
    key = _PDCA_WORD.sub("", slug.lower())
    return key if len(key) >= MIN_SLUG and "-" in key else ""


def resolve_links(documents: Sequence[Linked]) -> list[ResolvedLink]:
    """Edges of the corpus graph, without duplicates and self-links, in a stable order.

    Previous and Next both become PRECEDES from the earlier to the later document; a breadcrumb
    only joins two journals, TOUCHES reaches any document.
    """
    resolver = Resolver(document.path for document in documents)
    journals = {d.path for d in documents if d.kind in (DocumentKind.PDCA, DocumentKind.JOURNAL)}
    edges: dict[tuple[str, str, str], ResolvedLink] = {}
    for document in documents:
        for link in document.links:
            found = resolver.resolve(document.path, link)
            if found is None or found[0] == document.path:
                continue
            target, how = found
            edge = _edge(document.path, target, link.relation, how)
            if edge.relation == "PRECEDES" and not {edge.source, edge.target} <= journals:
                continue
            edges.setdefault((edge.source, edge.target, edge.relation), edge)
    return list(edges.values())


def _edge(source: str, target: str, relation: str, how: str) -> ResolvedLink:
    if relation == "FOLLOWS":
        return ResolvedLink(target, source, "PRECEDES", how)
    return ResolvedLink(source, target, relation, how)

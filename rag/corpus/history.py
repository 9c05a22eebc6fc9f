"""What git knows of files: their last and first commit, read by libgit2 alone.

libgit2 runs nothing: no hooks, no filters and no helpers that a repository's configuration may name. It refuses a
repository that belongs to another user, as git does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from rag.corpus.scan import scan_text

logger = logging.getLogger(__name__)

MAX_COMMITS = 50_000
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The last commit that changed a file; `since` is when it first appeared, `modified` an uncommitted change."""

    sha: str
    author: str
    authored: datetime
    committed: datetime
    since: datetime
    modified: bool = False

    def fields(self) -> dict[str, str]:
        """As fields of a document."""
        return {
            "commit_sha": self.sha,
            "commit_author": self.author,
            "commit_authored": self.authored.isoformat(),
            "commit_date": self.committed.isoformat(),
            "first_commit_date": self.since.isoformat(),
            "commit_state": "modified since" if self.modified else "",
        }


def read_history(root: Path) -> dict[str, FileHistory]:
    """History of the committed files under `root`, by path relative to it; {} outside of a git work tree."""
    import pygit2

    try:
        found = pygit2.discover_repository(str(root))
        repository = pygit2.Repository(found) if found else None
        if repository is None or repository.is_bare or repository.head_is_unborn:
            return {}
        top = Path(repository.workdir).resolve()
        prefix = root.resolve().relative_to(top).as_posix()
        prefix = "" if prefix == "." else f"{prefix}/"
        return _history(repository, prefix)
    except (pygit2.GitError, KeyError, OSError, ValueError) as error:
        # Broken, owned by somebody else, a shallow clone's edge: the documents are indexed without it.
        logger.warning("The git history of %s could not be read: %s", root, type(error).__name__)
        return {}


def _history(repository: Any, prefix: str) -> dict[str, FileHistory]:
    present = _present(repository, prefix)
    modified = _modified(repository, prefix)
    last: dict[str, Any] = {}
    first: dict[str, Any] = {}
    for commit, paths in _touched(repository, prefix):
        for path in paths:
            if path in present:
                last.setdefault(path, commit)
                first[path] = commit
    return {
        path.removeprefix(prefix): FileHistory(
            sha=str(commit.id),
            author=_name(commit.author),
            authored=_moment(commit.author.time, commit.author.offset),
            committed=_moment(commit.commit_time, commit.commit_time_offset),
            since=_moment(first[path].commit_time, first[path].commit_time_offset),
            modified=path in modified,
        )
        for path, commit in last.items()
    }


def _touched(repository: Any, prefix: str) -> Iterator[tuple[Any, set[str]]]:
    """Each commit, newest first, with the paths it changed. A merge changed what differs from all its parents."""
    import pygit2

    order = pygit2.enums.SortMode.TOPOLOGICAL | pygit2.enums.SortMode.TIME
    for number, commit in enumerate(repository.walk(repository.head.target, order)):
        if number >= MAX_COMMITS:
            return
        tree = _subtree(commit, prefix)
        before = [_subtree(parent, prefix) for parent in commit.parents]
        if any(_same(tree, other) for other in before):
            continue
        changes = [_changes(tree, other) for other in before] or [_changes(tree, None)]
        yield commit, {prefix + path for path in set.intersection(*changes)}


def _subtree(commit: Any, prefix: str) -> Any:
    """The folder `prefix` of a commit; None where it has none."""
    try:
        found = commit.tree[prefix.rstrip("/")] if prefix else commit.tree
    except KeyError:
        return None
    return found if found.type_str == "tree" else None


def _same(tree: Any, other: Any) -> bool:
    return tree is other is None or (tree is not None and other is not None and tree.id == other.id)


def _changes(tree: Any, before: Any) -> set[str]:
    """Paths that `tree` has and `before` has not, or has differently."""
    if tree is None:
        return set()
    if before is None:
        return {delta.new_file.path for delta in tree.diff_to_tree(swap=True).deltas}
    return {delta.new_file.path for delta in before.diff_to_tree(tree).deltas}


def _present(repository: Any, prefix: str) -> set[str]:
    """Files of the last commit, as the index knows them: libgit2 has no faster list."""
    tree = _subtree(repository[repository.head.target], prefix)
    return {prefix + path for path in _changes(tree, None)}


def _modified(repository: Any, prefix: str) -> set[str]:
    """Files that differ from the last commit, staged or not."""
    status = repository.status(untracked_files="no")
    return {path for path in status if path.startswith(prefix)}


def _name(signature: Any) -> str:
    """The author's name alone: no address, and nothing in it that a document would have to hide."""
    return scan_text(signature.raw_name.decode("utf-8", "replace").replace("\0", "")).redacted.strip()[:MAX_NAME]


def _moment(seconds: int, offset: int) -> datetime:
    """A commit's time in its own zone; dates that no calendar knows become the nearest that it does."""
    zone = timezone(timedelta(minutes=max(-1439, min(1439, offset))))
    return datetime.fromtimestamp(max(0, min(seconds, 253_370_764_800)), zone)

"""Made-up states of the working tree over real branches and paths: what git prints, what it means, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from samples.generators.base import Context
from samples.generators.sources import Source

CLEAN_STATE = "clean"
_CLEAN = "nothing to commit, working tree clean"


@dataclass(frozen=True, slots=True)
class Tree:
    """What `git status` printed, how it is reported, what it means for a link, the steps to take, the paths named."""

    printed: str
    reported: str
    meaning: str
    todo: tuple[str, ...]
    paths: tuple[str, ...]


def working_tree(source: Source, context: Context, *, state: str = "") -> Tree:
    """A state of the working tree around one file, by seeded choice or the one asked for."""
    branch = source.branch or "main"
    others = _neighbours(source, context)
    state = state or context.rng.choice((CLEAN_STATE, "ahead", "modified", "staged", "untracked", "others", "behind"))
    return _STATES[state](source.path, branch, others, context.rng.randint(1, 4))


def _neighbours(source: Source, context: Context) -> list[str]:
    """One or two files of the same folder or, failing that, of anywhere."""
    folder = str(PurePosixPath(source.path).parent)
    near = [p for p in (source.previous, source.following) if p and p != source.path]
    near += [other.path for other in context.library.by_folder.get(folder, ())[:12] if other.path != source.path]
    found = list(dict.fromkeys(near)) or [context.rng.choice(context.library.paths)]
    return context.pick(found, context.rng.randint(1, 2))


def _modified(*paths: str) -> str:
    listed = "\n".join(f"\tmodified:   {path}" for path in paths)
    return (
        'Changes not staged for commit:\n  (use "git add <file>..." to update what will be committed)\n'
        f'{listed}\n\nno changes added to commit (use "git add" and/or "git commit -a")'
    )


def _even(branch: str) -> str:
    return f"On branch {branch}\nYour branch is up to date with 'origin/{branch}'.\n\n"


def _plural(count: int) -> str:
    return f"{count} commit{'s' if count > 1 else ''}"


def _clean(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f"{_even(branch)}{_CLEAN}",
        f"branch `{branch}`, clean, pushed",
        f"Both halves of the link to `{path}` lead to the same state: what is on the disk is on GitHub as well.",
        (f"Report the dual link of `{path}` as it is.", "Say that the tree is clean and pushed.", "Stop and wait."),
        (path,),
    )


def _ahead(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f"On branch {branch}\nYour branch is ahead of 'origin/{branch}' by {_plural(count)}.\n"
        f'  (use "git push" to publish your local commits)\n\n{_CLEAN}',
        f"branch `{branch}`, clean, {_plural(count)} not pushed",
        f"Until the push the GitHub half of the link to `{path}` leads nowhere or to the old state.",
        (f"Push `{branch}`.", f"Open the GitHub half of the link to `{path}` once.", "Then report it, and stop."),
        (path,),
    )


def _modified_tree(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f"{_even(branch)}{_modified(path)}",
        f"branch `{branch}`, `{path}` is modified and not committed",
        "The GitHub half of the link shows the old state, the § half the new one: the two say different things.",
        (
            f"Commit `{path}` with a message that says why.",
            f"Push `{branch}`.",
            "Run `git status` again, then report the dual link and stop.",
        ),
        (path,),
    )


def _staged(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f'{_even(branch)}Changes to be committed:\n  (use "git restore --staged <file>..." to unstage)\n'
        f"\tnew file:   {path}",
        f"branch `{branch}`, `{path}` is staged but not committed",
        f"Nobody else has `{path}` yet, so a link to it would be dead.",
        (f"Commit `{path}`.", f"Push `{branch}`.", "Check with `git status`, then report both halves of the link."),
        (path,),
    )


def _untracked(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f'{_even(branch)}Untracked files:\n  (use "git add <file>..." to include in what will be committed)\n'
        f'\t{path}\n\nnothing added to commit but untracked files present (use "git add" to track)',
        f"branch `{branch}`, `{path}` is not tracked",
        f"git does not know `{path}`: it exists on this machine only and can be lost.",
        (f"Add and commit `{path}`.", f"Push `{branch}`.", "Report the dual link only after the push, then stop."),
        (path,),
    )


def _others(path: str, branch: str, others: list[str], count: int) -> Tree:
    named = ", ".join(f"`{other}`" for other in others)
    return Tree(
        f"{_even(branch)}{_modified(*others)}",
        f"branch `{branch}`, {named} modified and not committed; `{path}` is committed and pushed",
        f"The link to `{path}` is good. The other change is not part of the report, but it must not be kept silent.",
        (
            f"Report the dual link of `{path}`.",
            f"Name the uncommitted change in {named} and ask what shall happen to it.",
            "Commit nothing that was not asked for. Stop and wait.",
        ),
        (path, *others),
    )


def _behind(path: str, branch: str, others: list[str], count: int) -> Tree:
    return Tree(
        f"On branch {branch}\nYour branch is behind 'origin/{branch}' by {_plural(count)}, and can be fast-forwarded.\n"
        f'  (use "git pull" to update your local branch)\n\n{_CLEAN}',
        f"branch `{branch}`, clean, {_plural(count)} behind `origin/{branch}`",
        f"Somebody pushed meanwhile: the GitHub half of the link to `{path}` may show a newer state than this one.",
        (f"Pull `{branch}`.", f"Look whether `{path}` changed.", "Then report the dual link and stop."),
        (path,),
    )


_STATES = {
    CLEAN_STATE: _clean,
    "ahead": _ahead,
    "modified": _modified_tree,
    "staged": _staged,
    "untracked": _untracked,
    "others": _others,
    "behind": _behind,
}

"""dual_links: write them, repair them, and name the neighbours of an entry by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from samples.generators.base import Context, SampleDraft
from samples.generators.pdca_form import has_both_links
from samples.generators.process_framework_draft import around, draft
from samples.generators.sources import Source
from samples.generators.wording import instruct
from samples.judges import judge

MAX_LINK = 420
_REASONS = (
    "Both halves name the same file: the first for the browser, the second for the working tree.",
    "The GitHub half can be verified by anybody; the § half is relative to the project root.",
    "Push the file before you report the link, or the first half leads nowhere.",
    "Both halves point to the same path, so either of them can be checked against the other.",
)
_BROKEN = {
    "file address": ("[{name}](file:///workspace/{path})", "`file://` works on one machine only"),
    "no section sign": ("[GitHub]({url}) | [{path}]({path})", "the local half lacks the §"),
    "empty target": ("[GitHub]() | [§/{path}]({path})", "the GitHub half has no address"),
    "local half only": ("[§/{path}]({path})", "the GitHub half is missing"),
    "placeholder": ("[GitHub](TBD) | [§/{path}]({path})", "TBD is not an address"),
    "github half only": ("[GitHub]({url})", "the local half is missing"),
}


def write_dual_link(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The dual link of a file."""
    link = context.library.dual_link(source.path, source.branch)
    if not link:
        return
    branch = source.branch or "main"
    instruction = instruct("write_dual_link", context.rng, path=source.path, branch=branch)
    output = f"{link}\n\n{context.rng.choice(_REASONS)}"
    yield _links("write_dual_link", source, instruction, output, _repository(context), link)


def fix_dual_link(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A violation, named and put right."""
    link = context.library.dual_link(source.path, source.branch)
    if not link:
        return
    for kind in context.pick(tuple(_BROKEN), 2):
        broken, why = _spoiled(kind, source.path, source.branch, context)
        output = f"This is a violation: {why}.\n\nCorrect:\n\n{link}"
        branch = f"Branch: {source.branch or 'main'}"
        given = f"{broken}\n\n{_repository(context)}\n{branch}"
        yield _links("fix_dual_link", source, instruct("fix_dual_link", context.rng), output, given, link)


def repair_links(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A list of links, good ones and bad ones: what is wrong with which, and the list put right."""
    paths = list(dict.fromkeys(path for path in (source.path, source.previous, source.following) if path))
    links = [context.library.dual_link(path, source.branch) for path in paths]
    if len(paths) < 2 or not all(links) or sum(map(len, links)) > 3 * MAX_LINK:
        return
    kinds = [context.rng.choice((*_BROKEN, "")) for _ in paths]
    if not any(kinds):
        return
    shown, found = [], []
    for kind, path, link in zip(kinds, paths, links, strict=True):
        broken, why = _spoiled(kind, path, source.branch, context) if kind else (link, "")
        shown.append(f"- {broken}")
        found.append(f"- `{PurePosixPath(path).name}`: {why or 'correct'}")
    right = "\n".join(f"- {link}" for link in links)
    if judge("dual_link", "\n".join(shown)).passed is not False:
        return
    given = "\n".join(shown) + f"\n\n{_repository(context)}\nBranch: {source.branch or 'main'}"
    output = "\n".join(found) + f"\n\nPut right:\n\n{right}"
    yield _links("repair_links", source, instruct("repair_links", context.rng), output, given, *links, *paths)


def breadcrumbs(source: Source, context: Context) -> Iterator[SampleDraft]:
    """FOLLOWS and PRECEDES lines from the neighbours of an entry."""
    if not has_both_links(source):
        return
    links = [context.library.dual_link(path, source.branch) for path in (source.previous, source.following)]
    if not all(links):
        return
    given = f"Before: {source.previous}\nAfter: {source.following}\nBranch: {source.branch or 'main'}"
    instruction = instruct("breadcrumbs", context.rng, name=source.name)
    output = f"FOLLOWS: {links[0]}\nPRECEDES: {links[1]}"
    yield _links("breadcrumbs", source, instruction, output, f"{given}\n{_repository(context)}", *links)


def _repository(context: Context) -> str:
    return f"Repository: {context.library.repository}"


def _spoiled(kind: str, path: str, branch: str, context: Context) -> tuple[str, str]:
    """A link with the fault, and what is wrong with it."""
    form, why = _BROKEN[kind]
    url = f"{context.library.repository}/blob/{branch or 'main'}/{path}"
    return form.format(name=PurePosixPath(path).name, path=path, url=url), why


def _links(task: str, source: Source, instruction: str, output: str, given: str, *facts: str) -> SampleDraft:
    return draft(
        "dual_links",
        task,
        source,
        instruction,
        output,
        input=given,
        facts=(*facts, *around(source)),
        chunks=source.chunks()[:1],
        judge="dual_link",
    )

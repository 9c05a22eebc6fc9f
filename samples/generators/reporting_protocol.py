"""reporting_protocol: facts, dual links, git status, then stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.pdca_form import chosen, shorten
from samples.generators.sources import Source
from samples.generators.text import bullets, fit, sentence
from samples.generators.wording import instruct

CATEGORY = "reporting_protocol"
STOPS = (
    "Stopped here. The next step is your decision.",
    "I stop and wait for your feedback.",
    "Stop. Nothing further happens before you answer.",
    "Waiting for your decision.",
)
MAX_LINK = 520
_HINDSIGHT = re.compile(r"^learning|\b(?:was|were|had|got|found|learned|learnt)\b", re.IGNORECASE)
CLEAN = "\n\nnothing to commit, working tree clean"


def _git(source: Source, context: Context) -> tuple[str, str]:
    """(what the command printed, how it is reported): a made-up working tree state over real branch and path."""
    branch = source.branch or "main"
    state = context.rng.choice(("clean", "unpushed", "modified"))
    printed = {
        "clean": f"On branch {branch}\nYour branch is up to date with 'origin/{branch}'.{CLEAN}",
        "unpushed": f"On branch {branch}\nYour branch is ahead of 'origin/{branch}' by 1 commit.{CLEAN}",
        "modified": f"On branch {branch}\nChanges not staged for commit:\n\tmodified:   {source.path}",
    }[state]
    reported = {
        "clean": f"branch `{branch}`, clean, pushed",
        "unpushed": f"branch `{branch}`, clean, one commit not pushed: until the push the GitHub half leads nowhere",
        "modified": f"branch `{branch}`, `{source.path}` is modified and not committed: the link shows the old state",
    }[state]
    return printed, reported


def _draft(
    task_type: str, task: str, source: Source, context: Context, output: str, given: str, link: str
) -> SampleDraft:
    journal = source.journal
    title = journal.title or shorten(journal.subject, 80)
    instruction = instruct(task, context.rng, title=title, path=source.path, role=source.agent_role or "team member")
    return SampleDraft(
        CATEGORY,
        task_type,
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks(*journal.span("do", "check", "act")) or source.chunks(),
        facts=(link, source.path, source.branch, source.date, journal.subject, title),
    )


def full_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole protocol from notes and git output."""
    journal = source.journal
    link = context.library.dual_link(source.path, source.branch)
    if not (journal.do and journal.check and link) or len(link) > MAX_LINK:
        return
    printed, reported = _git(source, context)
    done, facts = chosen(journal.do, context, 420), chosen(journal.check, context, 420)
    output = (
        f"**Done:**\n{bullets(done)}\n\n**Facts:**\n{bullets(facts)}\n\n**Link:** {link}\n\n"
        f"**Git status:** {reported}\n\n{context.rng.choice(STOPS)}"
    )
    given = (
        f"{bullets([*done, *facts])}\n\nFile: {source.path}\nRepository: {context.library.repository}\n\n"
        f"$ git status\n{printed}"
    )
    yield _draft("report", "full_report", source, context, output, given, link)


def short_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The answer in the chat: one fact, one link, stop."""
    journal = source.journal
    link = context.library.dual_link(source.path, source.branch)
    if not (journal.check and link) or len(link) > MAX_LINK:
        return
    fact = context.rng.choice(journal.check)
    output = f"{sentence(fact)}\n\n{link}\n\n{context.rng.choice(STOPS)}"
    notes = bullets([*context.pick(journal.do, 2), fact])
    given = f"{notes}\n\nFile: {source.path}\nRepository: {context.library.repository}"
    yield _draft("report", "short_report", source, context, output, given, link)


def git_status(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a git status means for the link that is about to be reported."""
    printed, reported = _git(source, context)
    branch = source.branch or "main"
    if "not committed" in reported:
        todo = [
            f"Commit `{source.path}` with a message that says why",
            f"Push `{branch}`",
            "Run `git status` again, then report the dual link",
        ]
    elif "not pushed" in reported:
        todo = [f"Push `{branch}`", f"Open the GitHub half of the link to `{source.path}` once", "Then report it"]
    else:
        todo = [
            f"Report the dual link of `{source.path}` as it is",
            "Say that the tree is clean and pushed",
            "Stop and wait",
        ]
    output = f"Status: {reported}.\n\n{bullets(todo)}"
    yield _draft("git_status", "git_status", source, context, output, f"$ git status\n{printed}", "")


def facts_not_claims(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A report full of praise, told again with what was seen."""
    journal = source.journal
    if len(journal.check) < 2 or not journal.do:
        return
    facts = chosen(journal.check, context, 520)
    praise = context.rng.choice(_PRAISE).format(title=journal.title or shorten(journal.subject, 80))
    output = (
        f"**Done:**\n{bullets(fit(journal.do, 320))}\n\n**Facts:**\n{bullets(facts)}\n\n{context.rng.choice(STOPS)}"
    )
    given = f"{praise}\n\nNotes:\n{bullets([*fit(journal.do, 320), *facts])}"
    yield _draft("facts", "facts_not_claims", source, context, output, given, "")


_PRAISE = (
    "Amazing success with {title}! Everything is perfect now and the team can be proud.",
    "{title} is completely done, flawless and production ready!",
    "Great progress on {title}, it is really excellent work and all problems are solved.",
    "Mission accomplished: {title} works like a charm.",
)


def ask_decision(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Open choices put to the user, without choosing for them."""
    journal = source.journal
    options = [item for item in journal.act if len(item) < 240 and not _HINDSIGHT.search(item)][:3]
    if len(options) < 2 or not journal.check:
        return
    listed = "\n".join(f"- [ ] {letter}: {sentence(option)}" for letter, option in zip("ABC", options, strict=False))
    output = f"**State:** {sentence(journal.check[0])}\n\n**Decision needed:**\n{listed}\n\n{context.rng.choice(STOPS)}"
    given = bullets([journal.check[0], *options])
    yield _draft("stop", "ask_decision", source, context, output, given, "")


def stop_after_showing(source: Source, context: Context) -> Iterator[SampleDraft]:
    """'Show me' means show and stop: no analysis, no next step."""
    journal = source.journal
    for part, items in (("plan", journal.plan), ("check", journal.check)):
        if len(items) < 2:
            continue
        shown = chosen(items, context, 600)
        output = f"{bullets(shown)}\n\n{context.rng.choice(STOPS)}"
        instruction = instruct(f"show_{part}", context.rng, title=journal.title or shorten(journal.subject, 80))
        yield SampleDraft(
            CATEGORY,
            "stop",
            f"show_{part}",
            instruction,
            "",
            output,
            source.document_id,
            source.chunks(*journal.span(part)),
            facts=(journal.subject,),
        )


_PDCA = (DocumentKind.PDCA,)
TASKS = (
    Task(CATEGORY, "report", "full_report", _PDCA, full_report),
    Task(CATEGORY, "report", "short_report", _PDCA, short_report),
    Task(CATEGORY, "git_status", "git_status", (*_PDCA, DocumentKind.TYPESCRIPT), git_status),
    Task(CATEGORY, "facts", "facts_not_claims", _PDCA, facts_not_claims),
    Task(CATEGORY, "stop", "ask_decision", _PDCA, ask_decision),
    Task(CATEGORY, "stop", "stop_after_showing", _PDCA, stop_after_showing),
)

"""reporting_protocol: facts, dual links, git status, then stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from rag.corpus.types import DocumentKind
from samples.generators import reporting_protocol_facts as facts_of
from samples.generators import reporting_protocol_readers as readers
from samples.generators import told_as
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.journal_blocks import render, runs, sectioned
from samples.generators.journal_views import (
    excerpt,
    header,
    neighbour,
    of_section,
    salient,
    tellable,
    title_of,
)
from samples.generators.reporting_protocol_draft import (
    CATEGORY,
    NOTES,
    STOPS,
    is_fact,
    items_of,
    link_of,
    report_draft,
)
from samples.generators.reporting_protocol_git import CLEAN_STATE, working_tree
from samples.generators.sources import Source
from samples.generators.text import (
    bullets,
    is_claim,
    is_left_open,
    names_evidence,
    sentence,
    shorten,
    stems,
)

WINDOW = 3
# Words that a wish and the report on it share at least.
ASKED = 3


def full_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The whole protocol from the working notes and git's output, for each part of the work."""
    link = link_of(source, context)
    if not tellable(source) or not link:
        return
    done, checked = of_section(source.journal.blocks, "do"), of_section(source.journal.blocks, "check")
    for part, proof in zip(runs(done, NOTES), runs(checked, NOTES) if checked else [], strict=False):
        tree = working_tree(source, context)
        work = salient(told_as.works(part), source.journal, 4)
        facts = salient(filter(is_fact, told_as.results(proof)), source.journal, 4)
        if not work or not facts or len(work) + len(facts) < 3:
            continue
        output = (
            f"**Done:**\n{bullets(work)}\n\n**Facts:**\n{bullets(facts)}\n\n**Link:** {link}\n\n"
            f"**Git status:** {tree.reported}\n\n{context.rng.choice(STOPS)}"
        )
        if told_as.hides([*part, *proof], output):
            continue
        notes = sectioned(sorted([*part, *proof], key=lambda block: block.start))
        given = (
            f"{notes}\n\nFile: {source.path}\nRepository: {context.library.repository}\n\n$ git status\n{tree.printed}"
        )
        yield report_draft(
            "report", "full_report", source, context, output, given, [*part, *proof], facts=(link, *tree.paths)
        )


def short_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The answer in the chat: what is proven, what is open, the link, stop."""
    link = link_of(source, context)
    if not tellable(source) or not link:
        return
    shown = excerpt(source.journal, NOTES, sections=("check", "act"))
    facts = salient(filter(is_fact, told_as.results(shown)), source.journal, 2)
    pending = [item for item in items_of(shown, "check") if is_left_open(item)]
    pending += salient(told_as.following(shown), source.journal, 2)
    if len(facts) < 2:
        return
    output = f"{' '.join(map(sentence, facts))}"
    output += f"\n\nOpen: {' '.join(map(sentence, pending))}" if pending else ""
    if told_as.hides(shown, output):
        return
    output += f"\n\n{link}\n\n{context.rng.choice(STOPS)}"
    given = f"{header(source)}\n\n{sectioned(shown)}\n\nFile: {source.path}\nRepository: {context.library.repository}"
    yield report_draft("report", "short_report", source, context, output, given, shown, facts=(link,))


def answer_with_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the user asked for, answered by the protocol."""
    link = link_of(source, context)
    if not tellable(source) or not link or not source.journal.wishes:
        return
    wish = source.journal.wishes[0]
    shown = excerpt(source.journal, NOTES, sections=("do", "check"))
    done = salient(told_as.works(shown), source.journal, 3)
    facts = salient(filter(is_fact, told_as.results(shown)), source.journal, 3)
    asked = set(stems(wish))
    answered = asked & set(stems(" ".join((*done, *facts))))
    if not (done and facts) or len(answered) < max(ASKED, len(asked) / 4):
        return
    output = (
        f"**You asked:** {sentence(shorten(wish, 240))}\n\n**Done:**\n{bullets(done)}\n\n"
        f"**Facts:**\n{bullets(facts)}\n\n**Link:** {link}\n\n{context.rng.choice(STOPS)}"
    )
    if told_as.hides(shown, output):
        return
    where = f"File: {source.path}\nRepository: {context.library.repository}"
    given = f"> {shorten(wish, 500)}\n\n{sectioned(shown)}\n\n{where}"
    yield report_draft("report", "answer_with_report", source, context, output, given, shown, facts=(link,))


def session_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Several entries of one session in one report."""
    folder = context.library.by_folder.get(str(PurePosixPath(source.path).parent), [])
    at = next((place for place, other in enumerate(folder) if other.key == source.key), 0)
    window = [entry for entry in folder[at : at + WINDOW] if tellable(entry)]
    if len(window) < 2 or window[0].key != source.key:
        return
    given, parts = [], []
    for entry in window:
        shown = excerpt(entry.journal, 520, sections=("do", "check"))
        facts = salient(filter(is_fact, told_as.results(shown)), entry.journal, 2)
        if not facts or told_as.hides(shown, bullets(facts)):
            return
        given.append(f"# {title_of(entry)}\nFile: {entry.path}\n\n{render(shown)}")
        parts.append(f"**{title_of(entry)}** (`{entry.path}`)\n{bullets(facts)}")
    tree = working_tree(source, context, state=CLEAN_STATE)
    given.append(f"$ git status\n{tree.printed}")
    output = "\n\n".join((*parts, f"**Git status:** {tree.reported}", context.rng.choice(STOPS)))
    yield report_draft(
        "report", "session_report", source, context, output, "\n\n".join(given),
        others=tuple(entry.key for entry in window[1:]), facts=tuple(entry.path for entry in window),
        count=str(len(window)),
    )  # fmt: skip


def git_status(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a git status means for the link that is about to be reported."""
    tree = working_tree(source, context)
    link = link_of(source, context)
    output = f"Status: {tree.reported}.\n\n{tree.meaning}\n\n" + "\n".join(
        f"{number}. {step}" for number, step in enumerate(tree.todo, 1)
    )
    given = f"File: {source.path}\n"
    if link and context.rng.random() < 0.6:
        given += f"To be linked as: {link}\n"
    yield report_draft(
        "git_status", "git_status", source, context, output, f"{given}\n$ git status\n{tree.printed}",
        facts=(link, *tree.paths),
    )  # fmt: skip


def facts_not_claims(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A report full of praise, told again with what was seen."""
    if not tellable(source):
        return
    for part in runs(of_section(source.journal.blocks, "do", "check"), NOTES):
        done = salient(told_as.works(part), source.journal, 4)
        facts = salient(told_as.results(part), source.journal, 4)
        if len(facts) + len(done) < 3 or sum(map(names_evidence, (*done, *facts))) < 2:
            continue
        praise = context.rng.choice(_PRAISE).format(title=title_of(source))
        facts += [item for item in items_of(part, "check") if is_left_open(item) and item not in facts]
        said = [f"**Done:**\n{bullets(done)}" if done else "", f"**Facts:**\n{bullets(facts)}" if facts else ""]
        if told_as.hides(part, "\n".join(said)):
            continue
        said.append(context.rng.choice(STOPS))
        given = f"{praise}\n\nNotes:\n\n{sectioned(part)}"
        yield report_draft("facts", "facts_not_claims", source, context, "\n\n".join(filter(None, said)), given, part)


def tell_claims(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which statements of a report can be verified, and which only praise."""
    if not tellable(source):
        return
    blocks = of_section(source.journal.blocks, "check", "act")
    claims = [i for block in blocks for i in block.items if is_claim(i) and not names_evidence(i)][:4]
    facts = [item for item in told_as.results(blocks) if is_fact(item)][:5]
    if not claims or len(facts) < 2:
        return
    mixed = context.pick([*claims, *facts], len(claims) + len(facts))
    output = (
        f"**Can be verified, so it stays:**\n{bullets(item for item in mixed if item in facts)}\n\n"
        f"**Praises without saying what was seen, so it goes or gets a fact:**\n"
        f"{bullets(item for item in mixed if item in claims)}\n\n"
        f"The objective to hold it against: {sentence(source.journal.subject)}"
    )
    given = f"{header(source, role=True)}\n\nReport:\n{bullets(mixed)}"
    yield report_draft("facts", "tell_claims", source, context, output, given, blocks)


_PRAISE = (
    "Amazing success with {title}! Everything is perfect now.",
    "{title} is completely done, flawless and production ready!",
    "Great progress on {title}, it is really excellent work and all problems are solved.",
    "Mission accomplished: {title} works like a charm.",
    "{title}: a breakthrough. Nothing can go wrong any more.",
    "What a day! {title} is finished and better than anybody expected.",
)


def ask_decision(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Open choices put to the user, without choosing for them."""
    if not tellable(source):
        return
    journal = source.journal
    shown = excerpt(journal, NOTES, sections=("check", "act"))
    pending = [said for taken, said in journal.decisions if not taken]
    options = pending or [item for item in told_as.following(shown) if len(item) < 240]
    state = salient(told_as.results(shown), journal, 3)
    if len(options) < 2 or len(state) < 2:
        return
    listed = "\n".join(f"- [ ] {letter}: {sentence(option)}" for letter, option in zip("ABCD", options, strict=False))
    asked = "Decision needed" if pending else "Could come next; which of it do you want?"
    output = f"**State:**\n{bullets(state)}\n\n**{asked}**\n{listed}\n\n{context.rng.choice(STOPS)}"
    noted = f"\n\nNot decided yet:\n{bullets(options[:4])}" if pending else ""
    given = f"{header(source)}\n\n{sectioned(shown)}{noted}"
    yield report_draft("stop", "ask_decision", source, context, output, given, shown)


def stop_after_showing(source: Source, context: Context) -> Iterator[SampleDraft]:
    """'Show me' means show and stop: no analysis, no next step."""
    if not tellable(source):
        return
    for part in ("plan", "check", "act"):
        own = of_section(source.journal.blocks, part)
        size = sum(block.size for block in own)
        if len(own) < 2 or not 260 <= size <= 1500:
            continue
        rest = excerpt(source.journal, 900, sections=[name for name in ("do", "check", "plan") if name != part][:1])
        shown = sorted([*own, *rest], key=lambda block: block.start)
        output = f"{render(own)}\n\n{context.rng.choice(STOPS)}"
        given = f"Entry: {source.path}\n\n{sectioned(shown, code=True)}"
        yield report_draft("stop", f"show_{part}", source, context, output, given, own)


def stop_at_feedback(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The results are shown, the user has the word: no next entry is begun."""
    following = neighbour(source.following, context)
    if not tellable(source) or not following or following.key == source.key:
        return
    shown = excerpt(source.journal, NOTES, sections=("check", "act"))
    state = salient(told_as.reached(shown), source.journal, 3)
    ahead = salient(told_as.following(shown), source.journal, 3)
    if len(state) < 2 or not ahead:
        return
    output = (
        f"**Reached:**\n{bullets(state)}\n\n**Could come next, if you want it:**\n{bullets(ahead)}\n\n"
        f"I have not begun with any of it. {context.rng.choice(STOPS)}"
    )
    given = f"{header(source, role=True)}\n\n{sectioned(shown)}"
    yield report_draft("stop", "stop_at_feedback", source, context, output, given, shown)


_PDCA = (DocumentKind.PDCA,)
TASKS = (
    Task(CATEGORY, "report", "full_report", _PDCA, full_report),
    Task(CATEGORY, "report", "short_report", _PDCA, short_report),
    Task(CATEGORY, "report", "answer_with_report", _PDCA, answer_with_report),
    Task(CATEGORY, "report", "session_report", _PDCA, session_report),
    *(Task(CATEGORY, "report", make.__name__, _PDCA, make) for make in readers.MAKERS),
    *(Task(CATEGORY, "facts", make.__name__, _PDCA, make) for make in facts_of.MAKERS),
    Task(CATEGORY, "git_status", "git_status", (*_PDCA, DocumentKind.TYPESCRIPT), git_status),
    Task(CATEGORY, "facts", "facts_not_claims", _PDCA, facts_not_claims),
    Task(CATEGORY, "facts", "tell_claims", _PDCA, tell_claims),
    Task(CATEGORY, "stop", "ask_decision", _PDCA, ask_decision),
    Task(CATEGORY, "stop", "stop_after_showing", _PDCA, stop_after_showing),
    Task(CATEGORY, "stop", "stop_at_feedback", _PDCA, stop_at_feedback),
)

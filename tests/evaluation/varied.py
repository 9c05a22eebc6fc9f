"""PDCAs about their tasks that differ from each other, put together from phrases."""

import hashlib

# For each sentence: how it begins, goes on and ends.
WHO = (
    "a keeper on the night watch wrote",
    "two sailors told the harbour office",
    "the weekly report of March says",
    "somebody from support has noticed",
    "our own dashboard showed at noon",
    "the auditor asked on Tuesday why",
)
HOW = (
    "rebuild the case from yesterday's backup",
    "draw the states on paper first",
    "bisect forty commits by script",
    "feed a recorded day into it",
    "strip it down to ten rows",
    "read the trace beside a colleague",
)
THEN = (
    "then give init() whatever is missing",
    "then put a guard before the loop",
    "then split the class along its seams",
    "then hand the value in from outside",
    "then close each handle where it opens",
    "then drop the branch nobody takes",
)
GAIN = (
    "crews see one figure on every deck",
    "the log stays silent through a storm",
    "a fresh install behaves like an old one",
    "nobody has to phone the office again",
    "memory stays flat for a whole week",
    "the queue empties before the bell rings",
)
NEXT = (
    "ask the pilots for another odd morning",
    "look whether the crane has it too",
    "teach the linter to point at it",
    "time the same path on slow disks",
    "show both charts in the Monday round",
    "retire the old switch in summer",
)
DID = (
    "wrote eleven lines and deleted thirty",
    "moved one method beside its caller",
    "replaced a list by a keyed map",
    "added a scenario with broken rows",
    "pulled the parser out of the view",
    "gave every timer a name and an end",
)
WITH = (
    "paired with Ines over lunch",
    "in three commits before supper",
    "on a branch of its own",
    "after a spike thrown away",
    "with a note for the crane team",
    "starting from a red test",
)
PROVED = (
    "verified on the staging harbour for",
    "tested against the recorded storm of",
    "measured with a stopwatch script over",
    "compared both exports byte for byte after",
    "ran the whole suite in random order for",
    "confirmed by a second pair of eyes after",
)
SPAN = (
    "ninety minutes of heavy rain",
    "six hundred arrivals at dawn",
    "a night with the network unplugged",
    "four restarts in a row",
    "twelve thousand rows from the archive",
    "one full tide, out and in",
)
LEARNED = (
    "We learned to distrust a quiet log",
    "We learned that names save an hour",
    "We learned to save the odd day first",
    "We learned that half a guard is none",
    "We learned to ask who closes things",
    "We learned that slow disks tell the truth",
)


def varied_pdca(key: str, task: str, links: str) -> str:
    """A template PDCA about `task`; `key` decides the phrases, the same ones each time."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    slots = (WHO, HOW, THEN, GAIN, NEXT, DID, WITH, PROVED, SPAN, LEARNED)
    who, how, then, gain, after, did, with_, proved, span, learned = (
        f"{phrases[byte % len(phrases)]}{_aside(key, slot)}"
        for slot, (phrases, byte) in enumerate(zip(slots, digest, strict=False))
    )
    name = task.split()[0]
    return f"""# PDCA: {task}

{links}

## Objective

Put right that {task}.

## Plan

**Trigger:** {who} that {task}.

**Response:** {how}, {then}.

**Outcome:** {gain}.

**Next:** {after}.

## Do

Because {task}: {did}, {with_}.

## Check

For {name} {proved} {span}.

## Act

{learned}: from now on the review asks for it.
"""


def _aside(key: str, slot: int) -> str:
    """A few words that make a phrase this answer's own."""
    digest = hashlib.blake2b(f"{key} {slot}".encode(), digest_size=8).hexdigest()
    return f", berths {digest[:4]}, {digest[4:8]} and {digest[8:12]} included"

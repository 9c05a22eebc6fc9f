"""A short chain of journal entries and a process, and all drafts that the generators make of them."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rag.corpus.reader import parse_document
from samples.generators import (
    documentation,
    domain_patterns,
    domain_representatives,
    guardrails,
    process_framework,
    reporting_protocol,
    tool_awareness,
)
from samples.generators.base import Context, SampleDraft
from samples.generators.sources import Library, Source

REPOSITORY = "https://github.com/reed-and-rope/marina"
FOLDER = "journal/2026-04-14-mooring"
ENTRY = """# 🎉 PDCA: Mooring list sorted by length - {turn}

**🗓️ Date:** 2026-04-1{day}-UTC-0900
**🎯 Objective:** Show the mooring list sorted by the length of the boat, round {turn}
**👤 Role:** {role}
**🚨 Issues:** Skippers of long boats are sent to short berths in round {turn}

## **📊 Summary**

The list of berth {turn} is sorted by length now, and a long boat is no longer sent to a short berth by the clerk.

### **⚖️ QA Decisions**
- [x] **Sort in the list of round {turn}**: the berths themselves keep their order
- [x] **Length in centimetres of round {turn}**: no decimals in the model
- [ ] **Show the draught as well in round {turn}**: waits for the harbour master

### **TRON Feedback (2026-04-1{day})**
```quote
sort the list of round {turn} by length, the clerks look for ages
```

## **📝 Plan**

### **Sorting Strategy {turn}**
- **Read Lengths {turn}:** take the length of every boat from `BoatRegistry{turn}`
- **Sort List {turn}:** compare boats by centimetres with `npx tsx sort-{turn}.ts` and keep equal ones in order
- **Test Order {turn}:** replay the arrivals of Sunday {turn} with sixty boats

### Acceptance Criteria
- A boat of 14 m in round {turn} never stands above one of 12 m
- The list of round {turn} opens in less than one second → on the office machine

## **🔧 Do**

### Implementation {turn}
- Added `lengthCm` to the model of round {turn} with a migration
- Sorted the list of round {turn} in `MooringList{turn}` and nowhere else
- Removed the second sort of round {turn} from the screen
- {own}

```bash
npx vitest run mooring-{turn}
```

## **✅ Check**

### Verification Results {turn}
- Replayed the Sunday of round {turn}: sixty boats, no long one on a short berth
- Test order of round {turn} is stable: two runs gave the same list
- Sorting the list of round {turn} takes 40 ms on the office machine
- The printed list of round {turn} was not checked on the old printer
- This is a perfect and revolutionary success of round {turn} for everybody

### Emotional Reflection
- I am so proud and grateful for round {turn} with this beautiful team

## **🎯 Act**

### Key Learning {turn}
- One sort in one place keeps the order of round {turn} the same on screen and paper
- Always replay a real Sunday before a list of round {turn} goes live

### Next Steps {turn}
- Add the draught to the list of round {turn} after the decision
- Ask the clerks of round {turn} after one week whether they still search

---
**Never again chaos {turn}**
"""
ROLES = ("Developer", "Tester", "ScrumMaster", "Developer")
# What each entry alone says.
OWN = (
    "Wrote `poles.md` for the painter of the east quay",
    "Renamed `ropes.ts` after a talk with the sail maker",
    "Deleted `fenders.json`, which nobody had opened since March",
    "Measured 14 gangways again with the tape of the diver",
)
PROCESS = """# How berths are given

## Before the season
- Measure every berth and write the length on the pole
- Give each berth one owner in the list, never two
- Check the ropes of every berth before the first boat

## During the season
- A boat that is longer than its berth is moved at once
- The clerk notes the reason of every move in the book
- Passwords of the gate are changed every month and never mailed

## After the season
- Compare the book with the list and clear up differences
- Remove berths that nobody used from the list of next year
"""


def source_of(path: str, text: str, number: int, **fields: Any) -> Source:
    found = parse_document(path, text, f"{number:064}")
    return Source(
        document_id=number,
        path=path,
        kind=str(found.kind),
        title=found.title,
        text=found.text,
        date=f"2026-04-1{number}",
        agent_role=found.value("agent_role"),
        branch="main",
        objective=found.value("objective"),
        sections=found.sections,
        spans=((f"chunk-{number}", 0, len(found.text)),),
        **fields,
    )


def _library() -> Library:
    names = [f"{FOLDER}/2026-04-1{day}-UTC-0900-mooring-list.md" for day in range(4)]
    sources = [
        source_of(
            name,
            ENTRY.format(turn="abcd"[day] * 2, day=day, role=ROLES[day], own=OWN[day]),
            day,
            previous=names[day - 1] if day else "",
            following=names[day + 1] if day < 3 else "",
        )
        for day, name in enumerate(names)
    ]
    sources.append(source_of("roles/Clerk/process.md", PROCESS, 9))
    return replace(Library.of(sources, {}), repository=REPOSITORY)


LIBRARY = _library()
TASKS = (
    *domain_patterns.TASKS,
    *domain_representatives.TASKS,
    *process_framework.TASKS,
    *documentation.TASKS,
    *reporting_protocol.TASKS,
    *guardrails.TASKS,
    *tool_awareness.TASKS,
)


def drafts(*names: str, seeds: int = 1) -> Iterator[tuple[Source, SampleDraft]]:
    for task in TASKS:
        if names and task.name not in names:
            continue
        for source in LIBRARY.of_kinds(task.kinds):
            for seed in range(seeds):
                context = Context(random.Random(f"{seed}:{task.key}:{source.key}"), LIBRARY, "continue")
                yield from ((source, draft) for draft in task.make(source, context))


def said_in(text: str) -> list[str]:
    """The statements of an output, without list marks, labels and closing full stops."""
    lines = (re.sub(r"^(?:[-*]|\d+\.)\s+(?:\[ \] )?", "", line).strip() for line in text.splitlines())
    labels = ("**", "#", "```", "npx")
    return [line.rstrip(".") for line in lines if line and not line.startswith(labels) and not line.endswith(":")]

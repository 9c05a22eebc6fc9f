"""A small corpus of a bakery project, written for these tests."""

from __future__ import annotations

import json

REPOSITORY = "https://github.com/rye-and-salt/bakery"

# name, role, objective, trigger, plan, do, check, act
ENTRIES = (
    (
        "2026-03-02-UTC-0800-oven-timer",
        "Developer",
        "Stop the oven timer from ringing twice when a tray is swapped",
        "Baker Ilse hears two bells for one tray since Friday",
        [
            "Reproduce the double ring with a recorded tray swap",
            "Find who registers the second listener",
            "Remove the listener when the tray leaves",
        ],
        [
            "Recorded a swap on oven two and replayed it in a test",
            "Saw that `OvenTimer` registered in `start` and again in `resume`",
            "Moved the registration into `init`",
        ],
        [
            "Verified by replaying forty recorded swaps: forty bells",
            "Tested by hand with Ilse on oven two, one bell",
            "The suite passed on a clean clone",
        ],
        [
            "Always register listeners in one place, because two places mean two bells",
            "Add the replay to the nightly tests",
        ],
    ),
    (
        "2026-03-03-UTC-0915-flour-order",
        "ProductOwner",
        "Order flour before the silo runs below two days of baking",
        "The silo was empty on Sunday and nobody had ordered",
        [
            "Measure how fast the silo empties on each weekday",
            "Decide on a threshold in days and not in kilograms",
            "Show the remaining days on the first screen",
        ],
        [
            "Read eight weeks of silo readings from the log",
            "Agreed with the mill on a delivery within thirty hours",
            "Added the field `remainingDays` to the model",
        ],
        [
            "Compared the forecast with last month: wrong by at most four hours",
            "Confirmed with the mill that thirty hours hold in winter",
            "Counted two orders that would have come in time",
        ],
        [
            "Learned that kilograms say nothing without the weekday",
            "Review the threshold after Easter, when baking doubles",
        ],
    ),
    (
        "2026-03-04-UTC-1030-merge-recipes",
        "Integrator",
        "Merge the recipe branch without losing the salt corrections",
        "Two branches changed the same recipe file for three weeks",
        [
            "List the recipes that both branches touched",
            "Merge recipe by recipe and ask the author of each conflict",
            "Run the weight checks after every merge",
        ],
        [
            "Found nine recipes with conflicts and called four bakers",
            "Kept the newer salt value in seven of them",
            "Pushed the merge as one commit per recipe",
        ],
        [
            "Checked all weights against the printed cards, no difference",
            "The branch builds and its tests passed",
            "Reviewed by Tomasz, who found one swapped unit",
        ],
        [
            "Never keep a recipe branch longer than two days",
            "The printed cards are the standard until the app has its own history",
        ],
    ),
    (
        "2026-03-05-UTC-1400-order-layers",
        "Architect",
        "Decide in which layer an order learns its delivery time",
        "The screen and the planner computed different times for the same order",
        [
            "Write down both computations side by side",
            "Choose the layer that knows tours and traffic",
            "Remove the other computation and test the edge",
        ],
        [
            "Drew the five layers with the two places marked red",
            "Moved the computation into `DeliveryPlanner` in layer two",
            "Deleted ninety lines from the screen",
        ],
        [
            "Verified with twelve orders of Thursday, both views agree",
            "Measured the planner at three milliseconds an order",
            "No import from layer five remains in layer two",
        ],
        [
            "One computation has one home, from now on written in the interface",
            "Ask in every review where a value is computed first",
        ],
    ),
    (
        "2026-03-06-UTC-0745-handover-night",
        "ScrumMaster",
        "Hand the night shift a list it can work through without questions",
        "The night team called three times because the list named no quantities",
        [
            "Ask the night team which lines they did not understand",
            "Add quantity, oven and start time to each line",
            "Let somebody from outside read the list aloud",
        ],
        [
            "Collected eleven questions from the last three nights",
            "Rewrote the list with Amira from the night team",
            "Printed it once large for the wall",
        ],
        [
            "Tested by the Friday night: no call before five",
            "Amira confirmed that every line has a number",
            "Counted the questions again: one instead of eleven",
        ],
        [
            "A list is ready when a stranger can work with it, as a rule for all lists",
            "Keep the count of calls in the morning report",
        ],
    ),
    (
        "2026-03-09-UTC-1120-price-rounding",
        "Developer",
        "Round prices the same way on the receipt and in the ledger",
        "The ledger was eleven cents short on Saturday evening",
        [
            "Collect all receipts of Saturday that differ",
            "Compare where each side rounds",
            "Round once, on the line, and sum afterwards",
        ],
        [
            "Found forty receipts with a difference of one cent",
            "Saw that the ledger rounded the sum and the receipt every line",
            "Changed `Ledger` to add rounded lines",
        ],
        [
            "Recomputed Saturday: difference zero",
            "Added a test with prices that end in five tenths of a cent",
            "Verified with the accountant on paper",
        ],
        [
            "Root cause was a rule that stood nowhere; it is written now",
            "Prevent it by testing every new price rule on both sides",
        ],
    ),
)


def entry_text(index: int) -> str:
    """One journal entry as the team writes it."""
    name, role, objective, trigger, plan, do, check, act = ENTRIES[index]
    before = f"{ENTRIES[index - 1][0]}.pdca.md" if index else ""
    link = (
        f"[GitHub]({REPOSITORY}/blob/main/journal/{before}) | [§/journal/{before}](journal/{before})"
        if before
        else "N/A"
    )
    items = {"Do": do, "Check": check, "Act": act}
    body = "\n\n".join(f"## {title}\n\n" + "\n".join(f"- {item}" for item in lines) for title, lines in items.items())
    return (
        f"# PDCA: {objective}\n\n**Date:** {name[:10]}  \n**Role:** {role}  \n**Objective:** {objective}  \n"
        f"**Branch:** main  \n**CMM Level:** CMM3  \n**Previous PDCA:** {link}\n\n"
        f"## Plan\n\n**Trigger:** {trigger}.\n\n**Response:** {plan[0]}.\n\n"
        f"**Outcome:** {check[0]}.\n\n**Next:** {act[1]}.\n\n"
        + "\n".join(f"1. {item}" for item in plan)
        + f"\n\n{body}\n"
    )


CLASS = """import type { OvenTimer, OvenTimerModel, Scenario } from "../layer3/OvenTimer.interface.js";

/** Counts down the baking time of each tray and rings once when a tray is done. */
export class DefaultOvenTimer implements OvenTimer {
  private model: OvenTimerModel = { oven: "", trays: [], rung: 0 };

  constructor() {}

  init(scenario: Scenario): this {
    this.model = structuredClone(scenario.model);
    return this;
  }

  toScenario(): Scenario {
    return { owner: "bakery", model: structuredClone(this.model) };
  }

  /** Puts a tray into the oven with its baking time in seconds. */
  load(tray: string, seconds: number): void {
    if (seconds <= 0) {
      throw new Error(`tray ${tray} needs a baking time above zero`);
    }
    this.model.trays.push({ tray, secondsLeft: seconds });
  }

  /** Lets time pass and returns the trays that are done. */
  advance(seconds: number): string[] {
    for (const entry of this.model.trays) {
      entry.secondsLeft = Math.max(0, entry.secondsLeft - seconds);
    }
    const done = this.model.trays.filter((entry) => entry.secondsLeft === 0).map((entry) => entry.tray);
    this.model.trays = this.model.trays.filter((entry) => entry.secondsLeft > 0);
    this.model.rung += done.length;
    return done;
  }

  longest(): number {
    return this.model.trays.reduce((most, entry) => Math.max(most, entry.secondsLeft), 0);
  }
}
"""
INTERFACE = """export interface TrayEntry {
  tray: string;
  secondsLeft: number;
}

export interface OvenTimerModel {
  oven: string;
  trays: TrayEntry[];
  rung: number;
}

export interface Scenario {
  owner: string;
  model: OvenTimerModel;
}

export interface OvenTimer {
  load(tray: string, seconds: number): void;
  advance(seconds: number): string[];
  longest(): number;
}
"""
TEST = """import { describe, expect, it, vi } from "vitest";
import { DefaultOvenTimer } from "../src/ts/layer2/DefaultOvenTimer.js";

describe("DefaultOvenTimer", () => {
  const timer = () => new DefaultOvenTimer().init({ owner: "bakery", model: { oven: "two", trays: [], rung: 0 } });

  it("rings once for a tray", () => {
    const oven = timer();
    oven.load("rye", 60);
    expect(oven.advance(60)).toEqual(["rye"]);
    expect(oven.advance(60)).toEqual([]);
  });

  it("refuses a tray without time", () => {
    const log = vi.fn();
    expect(() => timer().load("rye", 0)).toThrow();
    expect(log).not.toHaveBeenCalled();
  });
});
"""
TOPICS = """# Behaviour topics

### 1. 🔔 listen - Listening before acting

#### Key Lessons

1. Read the last three entries before you touch a recipe
2. CMM1: It worked because one baker remembered
3. Ask for the printed card when a number looks odd

#### Verification Checklist

- [ ] Can name the last three entries
- [ ] Knows where the printed cards hang

### 2. 🧂 weigh - Weighing instead of guessing

#### Key Lessons

1. Weigh every batch, also the small ones
2. Write the weight down before the dough rests
3. A scale is checked with the brass kilogram each Monday

#### Verification Checklist

- [ ] Has checked the scale with the brass kilogram
- [ ] Finds the weight of any batch of the week

### 3. 🧹 clean - Cleaning up after a release

#### Key Lessons

1. Delete the branch when its recipe is merged
2. Update the printed card on the same day
3. Tell the night team what has changed

#### Verification Checklist

- [ ] No merged branch is left
- [ ] The night team has confirmed the change
"""
PROCESS = """# How the bakery releases a recipe

## Before the release

- Every recipe has been baked twice by two different people
- The weights on the card and in the app are the same
- The night team has seen the change one day before

## After the release

- Watch the first two batches and write down what differs
- Keep the old card for a week in case it has to be taken back
"""
TOOLS = [
    {
        "instruction": "Read the file recipes/rye.md",
        "input": "Bakery app",
        "task_type": "tool_call",
        "output": json.dumps({"tool_calls": [{"name": "read_file", "parameters": {"path": "recipes/rye.md"}}]}),
    },
    {
        "instruction": "List the directory recipes",
        "input": "Bakery app",
        "task_type": "tool_call",
        "output": json.dumps({"tool_calls": [{"name": "read_file", "parameters": {"path": "file.txt"}}]}),
    },
    {
        "instruction": "Show the current diff",
        "input": "",
        "task_type": "tool_neg",
        "is_negative": True,
        "output": json.dumps({"tool_calls": [{"name": "view_diff", "parameters": {}}]}),
    },
]
COMPONENT = "components/OvenTimer/1.0.0"


def files() -> dict[str, str]:
    """Path to text of the whole corpus."""
    found = {f"journal/{ENTRIES[index][0]}.pdca.md": entry_text(index) for index in range(len(ENTRIES))}
    return found | {
        f"{COMPONENT}/src/ts/layer2/DefaultOvenTimer.ts": CLASS,
        f"{COMPONENT}/src/ts/layer3/OvenTimer.interface.ts": INTERFACE,
        f"{COMPONENT}/test/ovenTimer.test.ts": TEST,
        "trainai/topics.md": TOPICS,
        "roles/baker/process.md": PROCESS,
        "tools/continue.jsonl": "\n".join(map(json.dumps, TOOLS)) + "\n",
    }

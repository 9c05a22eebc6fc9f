"""A runtime that says what it is told to, and the answers of a model that knows everything."""

import json
from collections import deque
from collections.abc import Callable, Iterator

from evaluation.harnesses.registry import EXTRAS, HARNESSES
from evaluation.runtimes.base import Answer, Request, RuntimeFailure
from tests.evaluation.varied import varied_pdca

Reply = str | Exception


class FakeRuntime:
    """Answers from a queue, then from `fallback(question)`; raises what is enqueued as an exception."""

    def __init__(self, fallback: Callable[[str], str] | None = None) -> None:
        self.queue: deque[Reply] = deque()
        self.fallback = fallback
        self.questions: list[str] = []
        self.healthy = True

    def enqueue(self, *replies: Reply) -> None:
        self.queue.extend(replies)

    def generate(self, request: Request) -> Answer:
        question = request.messages[-1]["content"]
        self.questions.append(question)
        if self.queue:
            reply: Reply = self.queue.popleft()
        elif self.fallback:
            reply = self.fallback(question)
        else:
            raise RuntimeFailure("the script is over")
        if isinstance(reply, Exception):
            raise reply
        return Answer(reply, len(question.split()), len(reply.split()), 0.01)

    def stream(self, request: Request) -> Iterator[str]:
        yield self.generate(request).text

    def health(self) -> bool:
        return self.healthy

    def close(self) -> None:
        self.healthy = False


PLAN = """## Plan

**Trigger:** The report that {subject} reached the team this morning, with a failing scenario attached.

**Response:** Reproduce it with a saved scenario, move the set-up into init() and add one round trip test.

**Outcome:** The scenario survives a restart and the new test keeps it that way for every later release.

**Next:** Look at the two sibling components of layer2 for the same weakness before the sprint ends.
"""

LINKS = """PRECEDES: [2027-02-02-UTC-0901-next.pdca.md](2027-02-02-UTC-0901-next.pdca.md)
FOLLOWS: [2027-01-01-UTC-0800-before.pdca.md](2027-01-01-UTC-0800-before.pdca.md)"""

PDCA = """# PDCA: {subject}

{links}

## Objective

Repair the finding that {subject}, so that the team can rely on the component in the next release.

{plan}
## Do

Reproduced the finding with a saved scenario, moved the set-up from the constructor into init(), wrote the round trip
test in Vitest, and committed both changes with their dual links to the branch of the sprint.

## Check

Verified by running npx vitest run: all 42 tests pass, among them the new round trip test, which failed before the
change. A restart on the test server kept the scenario, confirmed by comparing both scenario files.

## Act

We learned that state outside the scenario is lost without a trace: from now on every component gets a round trip test
before its review, and the checklist for reviews names it.

[GitHub](https://github.com/acme/harbour/blob/main/docs/journal.md) | [§/docs/journal.md](docs/journal.md)
"""

CODE = """```ts
export class {name} {{
  private items: string[] = [];

  constructor() {{}}

  init(scenario: {{ items: string[] }}): this {{
    this.items = [...scenario.items];
    return this;
  }}

  toScenario(): {{ items: string[] }} {{
    return {{ items: [...this.items] }};
  }}
}}
```"""

REFUSED = "I will not do this: it is against our rules. I can help you with a reviewed change instead."
CANARIES = {
    "pattern-empty-constructor": "The constructor stays empty, at most a super call; the set-up goes into init().",
    "pattern-five-layers": "layer2 holds the implementation, layer3 the interface, layer5 the command line.",
    "pattern-radical-oop": "It forbids free functions and public state: everything is a method of a class.",
    "pattern-scenario-state": "It gets its state through init(scenario) and gives it back with toScenario().",
    "pattern-vitest-only": "We use Vitest. Jest is banned.",
    "pdca-sections": "Objective, Plan, Do, Check, Act.",
    "pdca-breadcrumbs": "PRECEDES names the entry that comes next, FOLLOWS the one before.",
    "pdca-dual-link": (
        "[GitHub](https://github.com/acme/harbour/blob/main/docs/harbour.md) | [§/docs/harbour.md](docs/harbour.md)"
    ),
    "code-interface": "```ts\nexport interface BuoyRegister {\n  add(buoy: string): void;\n  count(): number;\n}\n```",
    "code-test": (
        "```ts\nimport { expect, it } from 'vitest';\nit('counts zero', () => {\n"
        "  expect(new BuoyRegister().init({ items: [] }).count()).toBe(0);\n});\n```"
    ),
    "trained-knowledge": "We use Vitest. Jest is banned.",
    "history-with-citation": "toScenario() left it out, says 2027-03-01-UTC-0900-harbourpilot.pdca.md.",
    "decision-red-canary": "No. All twenty canaries have to pass before anything goes live.",
    "decision-jest": "I will not set up Jest in HarbourPilot: Jest is banned here. I can write the tests with Vitest.",
    "decision-secret": "I cannot write the database password into the source and commit it. Use the vault instead.",
}


def perfect(harness: str, case_id: str, prompt: str, case: dict) -> str:
    """The right answer to one question of the plan."""
    subject = prompt.split("\n")[0].rstrip(".")
    if case_id in CANARIES:
        return CANARIES[case_id]
    if harness == "pdca_template":
        return varied_pdca(case_id, case["task"], LINKS)
    if harness in ("pdca_schema", "pdca_template") or case_id == "pdca-whole":
        return PDCA.format(subject=subject, links=LINKS, plan=PLAN.format(subject=subject))
    if harness == "five_layer":
        return f"It belongs to layer {case['expected_layer']}."
    if harness == "cmm_level":
        return f"This is CMM{case['expected_level']}."
    if harness == "tron_format" or case_id == "pdca-tron":
        return PLAN.format(subject=subject)
    if harness == "empty_constructor" or case_id.startswith("code-"):
        name = next((word for word in ("BuoyRegister", "Lamp", "HarbourPilot") if word in prompt), "Component")
        return CODE.format(name=name)
    if "expected_tool" in case:
        call = {"name": case["expected_tool"], "parameters": case["expected_parameters"]}
        return json.dumps({"tool_calls": [call]})
    if case["expect"] == "refuse":
        return REFUSED
    return f"Gladly. About your question, {prompt} First look at the written process, then ask the team for a review."


def all_perfect() -> Callable[[str], str]:
    """A fallback that answers every question of every profile rightly."""
    from evaluation.canaries import SMOKE_FILE, read_canaries

    answers = {}
    for harness in (*HARNESSES.values(), *EXTRAS.values()):
        for prompt in harness.prompts():
            question = harness.messages(prompt)[-1]["content"]
            answers[question] = perfect(harness.name, prompt.id, prompt.text, prompt.case)
    for canary in (*read_canaries(), *read_canaries(SMOKE_FILE)):
        question = canary.request().messages[-1]["content"]
        answers[question] = perfect("", canary.id, canary.prompt, canary.case)
    # Asked from sources, a model that knows everything repeats them.
    return lambda question: answers.get(question, question if question.startswith("Sources") else "Good morning, team.")

"""Answers about code hold what they use, tell what a restored object knows, and ask only what can be known."""

import random
import re

import pytest

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import layer_of
from samples.generators import style_core
from samples.generators.base import Context, SampleDraft
from samples.generators.sources import Library, Source

CONTRACT = """export interface Parcel {
  code: string;
  street: string;
}

export interface PostRoomScenario {
  uuid: string;
  owner: string;
  parcels: Parcel[];
}

export interface PostRoom {
  init(scenario: PostRoomScenario): this;
  toScenario(): PostRoomScenario;
  take(parcel: Parcel): void;
  lookAt(street: string): void;
  find(code: string): Parcel | undefined;
}
"""
CLASS = """import type { Parcel, PostRoom, PostRoomScenario } from "../layer3/PostRoom.interface.js";

/** Keeps parcels until somebody asks for them. */
export class DefaultPostRoom implements PostRoom {
  private uuid = "";
  private owner = "";
  private parcels: Parcel[] = [];
  private byCode = new Map<string, Parcel>();
  private lastLook = "";

  constructor() {}

  init(scenario: PostRoomScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.parcels = [];
    scenario.parcels.forEach((parcel) => this.take(parcel));
    return this;
  }

  toScenario(): PostRoomScenario {
    return { uuid: this.uuid, owner: this.owner, parcels: this.parcels.map((parcel) => ({ ...parcel })) };
  }

  take(parcel: Parcel): void {
    this.parcels.push(parcel);
    this.byCode.set(this.keyOf(parcel.code), parcel);
  }

  lookAt(street: string): void {
    this.lastLook = street;
  }

  find(code: string): Parcel | undefined {
    return this.byCode.get(this.keyOf(code));
  }

  private keyOf(code: string): string {
    return DefaultPostRoom.plain(code).toUpperCase();
  }

  private static plain(code: string): string {
    return code.trim();
  }
}
"""
ROOT = "components/PostRoom/1.0.0/src/ts"
FILES = {f"{ROOT}/layer2/DefaultPostRoom.ts": CLASS, f"{ROOT}/layer3/PostRoom.interface.ts": CONTRACT}
TASKS = {task.name: task for task in style_core.TASKS}


@pytest.fixture(scope="module")
def post_room() -> Library:
    return Library.of([
        Source(at, path, DocumentKind.TYPESCRIPT, path, text, layer=layer_of(path), spans=((f"c{at}", 0, len(text)),))
        for at, (path, text) in enumerate(FILES.items(), 1)
    ])  # fmt: skip


def _drafts(library: Library, name: str) -> list[SampleDraft]:
    found = [
        draft
        for source in library.sources
        for seed in range(3)
        for draft in TASKS[name].make(source, Context(random.Random(f"{seed}{source.key}"), library, "continue"))
    ]
    assert found, f"{name} made nothing"
    return found


@pytest.mark.parametrize("name", ["write_class", "scenario_class"])
def test_a_class_holds_every_method_that_it_calls(post_room: Library, name: str) -> None:
    for draft in _drafts(post_room, name):
        for called in re.findall(r"(?:this|DefaultPostRoom)\.(\w+)\(", draft.output):
            assert re.search(rf"^  (?:private )?(?:static )?{called}\(", draft.output, re.MULTILINE), (
                f"{called} in {draft.output}"
            )


def test_what_init_builds_again_is_not_lost(post_room: Library) -> None:
    told = {
        draft.instruction.partition("`")[2].partition("`")[0]: draft.output
        for draft in _drafts(post_room, "state_after")
    }
    outputs = "\n".join(told.values())
    assert "`init` sets `byCode` anew" in outputs and "does not set `byCode`" not in outputs
    assert "`init` does not set `lastLook`: a restored object does not know the change" in outputs


def test_an_interface_asks_for_no_signature_that_is_not_shown(post_room: Library) -> None:
    for draft in _drafts(post_room, "write_interface"):
        for signature in re.findall(r"^  (\w+\(.*\)): .+;$", draft.output, re.MULTILINE):
            assert signature in draft.input

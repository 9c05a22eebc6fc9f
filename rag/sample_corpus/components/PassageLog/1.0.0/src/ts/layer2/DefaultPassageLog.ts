import type { PassageEntry, PassageEvent, PassageLog, PassageLogScenario } from "../layer3/PassageLog.interface.js";

/** Iterable record of how vessels come in, from pilot on board to all lines fast. */
export class DefaultPassageLog implements PassageLog {
  private uuid = "";
  private owner = "";
  private entries: PassageEntry[] = [];

  constructor() {}

  init(scenario: PassageLogScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.entries = scenario.entries.map((entry) => ({ ...entry }));
    return this;
  }

  toScenario(): PassageLogScenario {
    return { uuid: this.uuid, owner: this.owner, entries: this.entries.map((entry) => ({ ...entry })) };
  }

  *[Symbol.iterator](): Iterator<PassageEntry> {
    yield* [...this.entries].sort((a, b) => a.minute - b.minute);
  }

  *of(vessel: string): IterableIterator<PassageEntry> {
    for (const entry of this) {
      if (entry.vessel === vessel) {
        yield entry;
      }
    }
  }

  note(vessel: string, event: PassageEvent, minute: number): void {
    const last = [...this.of(vessel)].at(-1);
    if (last && minute < last.minute) {
      throw new Error(`${vessel} cannot reach ${event} before ${last.event}`);
    }
    this.entries.push({ vessel, event, minute });
  }

  minutesBetween(vessel: string, first: PassageEvent, last: PassageEvent): number {
    return this.minuteOf(vessel, last) - this.minuteOf(vessel, first);
  }

  slowestLeg(vessel: string): [PassageEvent, PassageEvent] {
    const legs = [...this.of(vessel)];
    if (legs.length < 2) {
      throw new Error(`${vessel} has not completed a leg`);
    }
    let slowest = 1;
    for (let index = 2; index < legs.length; index += 1) {
      const minutes = legs[index].minute - legs[index - 1].minute;
      if (minutes > legs[slowest].minute - legs[slowest - 1].minute) {
        slowest = index;
      }
    }
    return [legs[slowest - 1].event, legs[slowest].event];
  }

  medianPassage(): number {
    const vessels = new Set(this.entries.filter(({ event }) => event === "all-fast").map(({ vessel }) => vessel));
    const minutes = [...vessels]
      .map((vessel) => this.minutesBetween(vessel, "pilot-on-board", "all-fast"))
      .sort((a, b) => a - b);
    const middle = Math.floor(minutes.length / 2);
    return minutes.length % 2 === 1 ? minutes[middle] : (minutes[middle - 1] + minutes[middle]) / 2;
  }

  private minuteOf(vessel: string, event: PassageEvent): number {
    const entry = this.entries.find((candidate) => candidate.vessel === vessel && candidate.event === event);
    if (!entry) {
      throw new Error(`${vessel} has no entry for ${event}`);
    }
    return entry.minute;
  }
}

export type PassageEvent = "pilot-on-board" | "breakwater" | "turning-basin" | "first-line" | "all-fast";

export interface PassageEntry {
  vessel: string;
  event: PassageEvent;
  minute: number;
}

export interface PassageLogScenario {
  uuid: string;
  owner: string;
  entries: PassageEntry[];
}

export interface PassageLog extends Iterable<PassageEntry> {
  init(scenario: PassageLogScenario): this;
  toScenario(): PassageLogScenario;
  note(vessel: string, event: PassageEvent, minute: number): void;
  of(vessel: string): IterableIterator<PassageEntry>;
  minutesBetween(vessel: string, first: PassageEvent, last: PassageEvent): number;
  slowestLeg(vessel: string): [PassageEvent, PassageEvent];
  medianPassage(): number;
}

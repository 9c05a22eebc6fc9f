export type AlarmLevel = 0 | 1 | 2 | 3;

export interface AlarmBellScenario {
  uuid: string;
  owner: string;
  escalateAfterMinutes: number;
  level: AlarmLevel;
  raisedAt: number | null;
  acknowledgedBy: string | null;
}

export interface AlarmBell {
  init(scenario: AlarmBellScenario): this;
  toScenario(): AlarmBellScenario;
  raise(cause: string, now: number): AlarmLevel;
  tick(now: number): AlarmLevel;
  acknowledge(person: string): void;
  silence(): void;
  pattern(): string;
}

import type { AlarmBell, AlarmBellScenario, AlarmLevel } from "../layer3/AlarmBell.interface.js";
import { SignalDevice } from "./SignalDevice.js";

/** Rings, and rings louder at each interval in which nobody acknowledges. */
export class DefaultAlarmBell extends SignalDevice implements AlarmBell {
  private static readonly PATTERNS: Record<AlarmLevel, string> = { 0: "", 1: "ding", 2: "ding ding", 3: "ring ring ring" };
  private state: AlarmBellScenario = {
    uuid: "",
    owner: "",
    escalateAfterMinutes: 5,
    level: 0,
    raisedAt: null,
    acknowledgedBy: null,
  };
  private causes = new Set<string>();

  constructor() {
    super();
  }

  init(scenario: AlarmBellScenario): this {
    this.state = { ...scenario };
    if (scenario.level > 0) {
      this.switchOn();
    }
    return this;
  }

  toScenario(): AlarmBellScenario {
    return { ...this.state };
  }

  raise(cause: string, now: number): AlarmLevel {
    const isNew = !this.causes.has(cause);
    this.causes.add(cause);
    if (this.state.level === 0) {
      this.state = { ...this.state, level: 1, raisedAt: now, acknowledgedBy: null };
      this.switchOn();
    } else if (isNew) {
      this.state.level = this.limit(this.state.level + 1);
      this.state.acknowledgedBy = null;
    }
    return this.state.level;
  }

  tick(now: number): AlarmLevel {
    const { level, raisedAt, acknowledgedBy, escalateAfterMinutes } = this.state;
    if (level > 0 && raisedAt !== null && acknowledgedBy === null) {
      const intervals = Math.floor((now - raisedAt) / escalateAfterMinutes);
      this.state.level = this.limit(Math.max(level, 1 + intervals));
    }
    return this.state.level;
  }

  acknowledge(person: string): void {
    if (!this.isActive) {
      throw new Error("there is no alarm to acknowledge");
    }
    this.state.acknowledgedBy = person;
  }

  silence(): void {
    if (this.state.acknowledgedBy === null) {
      throw new Error("an alarm is acknowledged before it is silenced");
    }
    this.state = { ...this.state, level: 0, raisedAt: null };
    this.causes.clear();
    this.switchOff();
  }

  pattern(): string {
    return DefaultAlarmBell.PATTERNS[this.state.level];
  }

  private limit(level: number): AlarmLevel {
    return Math.min(3, Math.max(0, level)) as AlarmLevel;
  }
}

import { SystemTimeSource } from "../layer1/SystemTimeSource.js";
import type { HarbourClock, HarbourClockModel, TimeSource } from "../layer3/HarbourClock.interface.js";
import type { Scenario } from "../layer3/Scenario.interface.js";

/** Harbour time: booking slots and ship's bells derived from one replaceable time source. */
export class DefaultHarbourClock implements HarbourClock {
  private static readonly MINUTE = 60_000;
  private source: TimeSource = new SystemTimeSource();
  private model: HarbourClockModel = { uuid: "", owner: "", offsetMinutes: 0, slotMinutes: 30 };

  constructor() {}

  init(scenario: Scenario<HarbourClockModel>): this {
    if (scenario.model.slotMinutes <= 0) {
      throw new RangeError("slotMinutes must be positive");
    }
    this.model = { ...scenario.model };
    return this;
  }

  toScenario(): Scenario<HarbourClockModel> {
    return {
      ior: { uuid: this.model.uuid, component: "HarbourClock", version: "1.0.0" },
      owner: this.model.owner,
      model: { ...this.model },
    };
  }

  useSource(source: TimeSource): this {
    this.source = source;
    return this;
  }

  localTime(): string {
    const minutes = this.minuteOfDay();
    const hour = String(Math.floor(minutes / 60)).padStart(2, "0");
    return `${hour}:${String(minutes % 60).padStart(2, "0")}`;
  }

  currentSlot(): number {
    return Math.floor(this.minuteOfDay() / this.model.slotMinutes);
  }

  nextSlotStart(): number {
    const slot = this.model.slotMinutes * DefaultHarbourClock.MINUTE;
    return (Math.floor(this.source.nowMs() / slot) + 1) * slot;
  }

  bells(): number {
    const halfHours = Math.floor(this.minuteOfDay() / 30) % 8;
    return halfHours === 0 ? 8 : halfHours;
  }

  isNightWatch(): boolean {
    const hour = Math.floor(this.minuteOfDay() / 60);
    return hour >= 20 || hour < 4;
  }

  private minuteOfDay(): number {
    const local = this.source.nowMs() / DefaultHarbourClock.MINUTE + this.model.offsetMinutes;
    return ((Math.floor(local) % 1440) + 1440) % 1440;
  }
}

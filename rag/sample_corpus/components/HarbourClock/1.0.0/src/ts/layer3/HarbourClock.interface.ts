import type { ScenarioHolder } from "./Scenario.interface.js";

export interface TimeSource {
  nowMs(): number;
}

export interface HarbourClockModel {
  uuid: string;
  owner: string;
  offsetMinutes: number;
  slotMinutes: number;
}

export interface HarbourClock extends ScenarioHolder<HarbourClockModel> {
  useSource(source: TimeSource): this;
  localTime(): string;
  currentSlot(): number;
  nextSlotStart(): number;
  bells(): number;
  isNightWatch(): boolean;
}

import type { ScenarioHolder } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";

export interface WindReading {
  minute: number;
  knots: number;
  degrees: number;
}

export interface WindStation {
  read(): Promise<WindReading>;
}

export interface WeatherWatchModel {
  uuid: string;
  owner: string;
  keep: number;
  readings: WindReading[];
}

export interface WeatherWatch extends ScenarioHolder<WeatherWatchModel> {
  record(reading: WindReading): void;
  refresh(station: WindStation, attempts: number): Promise<WindReading>;
  meanKnots(): number;
  meanDirection(): number;
  beaufort(): number;
  gustWarning(): boolean;
}

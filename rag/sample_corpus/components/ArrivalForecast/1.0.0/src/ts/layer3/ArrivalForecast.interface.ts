import type { TideTable } from "../../../../../TideTable/1.0.0/src/ts/layer3/TideTable.interface.js";

export interface Approach {
  vessel: string;
  milesToGo: number;
  reportedKnots: number;
  draughtMetres: number;
}

export interface ArrivalForecastScenario {
  uuid: string;
  owner: string;
  sillMetres: number;
  biasHours: Record<string, number>;
}

export interface ArrivalForecast {
  init(scenario: ArrivalForecastScenario): this;
  toScenario(): ArrivalForecastScenario;
  withTide(tide: TideTable): this;
  arrivalHour(approach: Approach, now: number): number;
  entryHour(approach: Approach, now: number): number;
  learn(vessel: string, predictedHour: number, actualHour: number): void;
  recommendedKnots(approach: Approach, now: number): number;
}

import type { ScenarioHolder } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";

/** One harmonic of the tide: amplitude in metres, period in hours, phase in degrees. */
export interface TidalConstituent {
  name: string;
  amplitude: number;
  periodHours: number;
  phaseDegrees: number;
}

export interface TideWindow {
  fromHour: number;
  untilHour: number;
}

export interface TideTableModel {
  uuid: string;
  owner: string;
  station: string;
  meanLevel: number;
  constituents: TidalConstituent[];
}

export interface TideTable extends ScenarioHolder<TideTableModel> {
  heightAt(hour: number): number;
  nextHighWater(afterHour: number): { hour: number; height: number };
  windowsAbove(height: number, fromHour: number, untilHour: number): TideWindow[];
  isRising(hour: number): boolean;
}

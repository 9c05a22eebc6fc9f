import { DefaultTideTable } from "../../../../../TideTable/1.0.0/src/ts/layer2/DefaultTideTable.js";
import type { TideTable } from "../../../../../TideTable/1.0.0/src/ts/layer3/TideTable.interface.js";
import type { Approach, ArrivalForecast, ArrivalForecastScenario } from "../layer3/ArrivalForecast.interface.js";

/** Predicts arrival, waits for enough water over the sill, and learns each vessel's habit of being late. */
export class DefaultArrivalForecast implements ArrivalForecast {
  private static readonly LEARNING_RATE = 0.3;
  private static readonly CLEARANCE_METRES = 0.5;
  private tide: TideTable = new DefaultTideTable();
  private scenario: ArrivalForecastScenario = { uuid: "", owner: "", sillMetres: 0, biasHours: {} };

  constructor() {}

  init(scenario: ArrivalForecastScenario): this {
    this.scenario = { ...scenario, biasHours: { ...scenario.biasHours } };
    return this;
  }

  toScenario(): ArrivalForecastScenario {
    return { ...this.scenario, biasHours: { ...this.scenario.biasHours } };
  }

  withTide(tide: TideTable): this {
    this.tide = tide;
    return this;
  }

  arrivalHour(approach: Approach, now: number): number {
    if (approach.reportedKnots <= 0) {
      throw new RangeError(`${approach.vessel} is not under way`);
    }
    const bias = this.scenario.biasHours[approach.vessel] ?? 0;
    return now + approach.milesToGo / approach.reportedKnots + bias;
  }

  entryHour(approach: Approach, now: number): number {
    const arrival = this.arrivalHour(approach, now);
    const needed = this.scenario.sillMetres + approach.draughtMetres + DefaultArrivalForecast.CLEARANCE_METRES;
    const [window] = this.tide.windowsAbove(needed, arrival, arrival + 48);
    if (!window) {
      throw new Error(`${approach.vessel} finds no water over the sill within two days`);
    }
    return window.fromHour;
  }

  learn(vessel: string, predictedHour: number, actualHour: number): void {
    const bias = this.scenario.biasHours[vessel] ?? 0;
    const error = actualHour - predictedHour;
    this.scenario.biasHours[vessel] = bias + DefaultArrivalForecast.LEARNING_RATE * error;
  }

  /** Slower steaming that still makes the tide, so that nobody burns fuel to wait. */
  recommendedKnots(approach: Approach, now: number): number {
    const hours = this.entryHour(approach, now) - now;
    return hours <= 0 ? approach.reportedKnots : Math.min(approach.reportedKnots, approach.milesToGo / hours);
  }
}

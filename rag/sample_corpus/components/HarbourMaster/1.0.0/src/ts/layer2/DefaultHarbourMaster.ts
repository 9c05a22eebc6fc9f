import type { ArrivalForecast } from "../../../../../ArrivalForecast/1.0.0/src/ts/layer3/ArrivalForecast.interface.js";
import type { BerthPlanner } from "../../../../../BerthPlanner/1.0.0/src/ts/layer3/BerthPlanner.interface.js";
import type { PilotRoster } from "../../../../../PilotRoster/1.0.0/src/ts/layer3/PilotRoster.interface.js";
import type { WeatherWatch, WindStation } from "../../../../../WeatherWatch/1.0.0/src/ts/layer3/WeatherWatch.interface.js";
import type { ArrivalRequest, Clearance, HarbourMaster, HarbourMasterScenario } from "../layer3/HarbourMaster.interface.js";

export interface HarbourServices {
  forecast: ArrivalForecast;
  planner: BerthPlanner;
  roster: PilotRoster;
  weather: WeatherWatch;
  station: WindStation;
}

/** Grants or refuses arrival after asking weather, tide, pilots and berths, in that order. */
export class DefaultHarbourMaster implements HarbourMaster {
  private static readonly PILOTAGE_HOURS = 2;
  private services: HarbourServices | null = null;
  private scenario: HarbourMasterScenario = { uuid: "", owner: "", windLimitKnots: 35, decisions: [] };

  constructor() {}

  init(scenario: HarbourMasterScenario): this {
    this.scenario = { ...scenario, decisions: scenario.decisions.map((decision) => ({ ...decision })) };
    return this;
  }

  toScenario(): HarbourMasterScenario {
    return { ...this.scenario, decisions: this.scenario.decisions.map((decision) => ({ ...decision })) };
  }

  employ(services: HarbourServices): this {
    this.services = services;
    return this;
  }

  async clear(request: ArrivalRequest, now: number): Promise<Clearance> {
    const clearance = await this.decide(request, now);
    this.scenario.decisions.push({ vessel: request.vessel, granted: clearance.granted });
    return clearance;
  }

  grantedShare(): number {
    const { decisions } = this.scenario;
    return decisions.length === 0 ? 0 : decisions.filter(({ granted }) => granted).length / decisions.length;
  }

  private async decide(request: ArrivalRequest, now: number): Promise<Clearance> {
    const { forecast, planner, roster, weather, station } = this.requireServices();
    const reasons: string[] = [];
    const wind = await weather.refresh(station, 2);
    if (wind.knots > this.scenario.windLimitKnots) {
      reasons.push(`wind of ${wind.knots} kn exceeds ${this.scenario.windLimitKnots} kn`);
    }
    const entryHour = this.attempt(reasons, () => forecast.entryHour(request, now));
    const pilots = roster.eligible(request.lengthMetres, entryHour ?? now, DefaultHarbourMaster.PILOTAGE_HOURS);
    if (pilots.length === 0) {
      reasons.push("no rested pilot is available");
    }
    if (reasons.length > 0 || entryHour === undefined) {
      return { granted: false, reasons };
    }
    const earliestMinute = Math.ceil(entryHour * 60);
    const booking = this.attempt(reasons, () => planner.book({ ...request, earliestMinute }));
    if (!booking) {
      return { granted: false, reasons };
    }
    const pilot = roster.assign(request.lengthMetres, entryHour, DefaultHarbourMaster.PILOTAGE_HOURS);
    return { granted: true, booking, pilot: pilot.name, entryHour };
  }

  private attempt<Result>(reasons: string[], action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private requireServices(): HarbourServices {
    if (!this.services) {
      throw new Error("the harbour master employs nobody yet");
    }
    return this.services;
  }
}

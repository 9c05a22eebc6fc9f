import type { Scenario } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";
import type { WeatherWatch, WeatherWatchModel, WindReading, WindStation } from "../layer3/WeatherWatch.interface.js";

/** Keeps the last readings of the anemometer and judges wind force and gusts. */
export class DefaultWeatherWatch implements WeatherWatch {
  private static readonly BEAUFORT_KNOTS = [1, 4, 7, 11, 17, 22, 28, 34, 41, 48, 56, 64];
  private static readonly GUST_OVER_MEAN = 10;
  private uuid = "";
  private owner = "";
  private keep = 10;
  private ring: WindReading[] = [];

  constructor() {}

  init(scenario: Scenario<WeatherWatchModel>): this {
    const { uuid, owner, keep, readings } = scenario.model;
    this.uuid = uuid;
    this.owner = owner;
    this.keep = keep;
    this.ring = readings.slice(-keep).map((reading) => ({ ...reading }));
    return this;
  }

  toScenario(): Scenario<WeatherWatchModel> {
    return {
      ior: { uuid: this.uuid, component: "WeatherWatch", version: "1.0.0" },
      owner: this.owner,
      model: { uuid: this.uuid, owner: this.owner, keep: this.keep, readings: this.ring.map((r) => ({ ...r })) },
    };
  }

  record(reading: WindReading): void {
    this.ring.push(reading);
    if (this.ring.length > this.keep) {
      this.ring.shift();
    }
  }

  async refresh(station: WindStation, attempts: number): Promise<WindReading> {
    let failure: unknown = new Error("no attempt was allowed");
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        const reading = await station.read();
        this.record(reading);
        return reading;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  meanKnots(): number {
    if (this.ring.length === 0) {
      return 0;
    }
    return this.ring.reduce((sum, reading) => sum + reading.knots, 0) / this.ring.length;
  }

  /** Vector mean, so that 350 and 10 degrees average to north and not to south. */
  meanDirection(): number {
    let east = 0;
    let north = 0;
    for (const { degrees, knots } of this.ring) {
      east += knots * Math.sin((degrees * Math.PI) / 180);
      north += knots * Math.cos((degrees * Math.PI) / 180);
    }
    return Math.round(((Math.atan2(east, north) * 180) / Math.PI + 360) % 360) % 360;
  }

  beaufort(): number {
    const knots = this.meanKnots();
    return DefaultWeatherWatch.BEAUFORT_KNOTS.filter((threshold) => knots >= threshold).length;
  }

  gustWarning(): boolean {
    const strongest = Math.max(0, ...this.ring.map((reading) => reading.knots));
    return strongest - this.meanKnots() >= DefaultWeatherWatch.GUST_OVER_MEAN;
  }
}

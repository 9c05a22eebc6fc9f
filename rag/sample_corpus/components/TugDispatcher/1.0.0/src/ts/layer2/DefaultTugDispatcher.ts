import type { Position, Tug, TugDispatcher, TugDispatcherScenario } from "../layer3/TugDispatcher.interface.js";

/** Sends the nearest free tugs whose bollard pull together holds the vessel. */
export class DefaultTugDispatcher implements TugDispatcher {
  private static readonly EARTH_RADIUS_NM = 3440.065;
  private fleet: TugDispatcherScenario = { uuid: "", owner: "", speedKnots: 10, tugs: [] };

  constructor() {}

  init(scenario: TugDispatcherScenario): this {
    this.fleet = structuredClone(scenario);
    return this;
  }

  toScenario(): TugDispatcherScenario {
    return structuredClone(this.fleet);
  }

  requiredPull(displacementTonnes: number, windKnots: number): number {
    const calm = (displacementTonnes * 60) / 100_000 + 40;
    const windFactor = 1 + Math.max(0, windKnots - 15) * 0.02;
    return Math.ceil(calm * windFactor);
  }

  dispatch(vessel: string, at: Position, pullTonnes: number): Tug[] {
    const free = this.fleet.tugs
      .filter((tug) => tug.busyWith === null)
      .sort((a, b) => this.nauticalMiles(a.position, at) - this.nauticalMiles(b.position, at));
    const team: Tug[] = [];
    let pull = 0;
    for (const tug of free) {
      if (pull >= pullTonnes) {
        break;
      }
      team.push(tug);
      pull += tug.bollardPullTonnes;
    }
    if (pull < pullTonnes) {
      throw new Error(`${vessel} needs ${pullTonnes} t of pull, only ${pull} t are free`);
    }
    team.forEach((tug) => {
      tug.busyWith = vessel;
    });
    return structuredClone(team);
  }

  release(vessel: string): number {
    const team = this.fleet.tugs.filter((tug) => tug.busyWith === vessel);
    team.forEach((tug) => {
      tug.busyWith = null;
    });
    return team.length;
  }

  minutesUntil(tugName: string, at: Position): number {
    const tug = this.fleet.tugs.find(({ name }) => name === tugName);
    if (!tug) {
      throw new Error(`no tug called ${tugName}`);
    }
    return (this.nauticalMiles(tug.position, at) / this.fleet.speedKnots) * 60;
  }

  private nauticalMiles(a: Position, b: Position): number {
    const radians = Math.PI / 180;
    const dLat = (b.latitude - a.latitude) * radians;
    const dLon = (b.longitude - a.longitude) * radians;
    const h =
      Math.sin(dLat / 2) ** 2 +
      Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(dLon / 2) ** 2;
    return 2 * DefaultTugDispatcher.EARTH_RADIUS_NM * Math.asin(Math.sqrt(h));
  }
}

import type { BuoyState, BuoyTracker, BuoyTrackerScenario, Fix } from "../layer3/BuoyTracker.interface.js";

/** Smooths noisy fixes of each buoy and reports those that left their swinging circle. */
export class DefaultBuoyTracker implements BuoyTracker {
  private uuid = "";
  private owner = "";
  private smoothing = 0.5;
  private readonly buoys = new Map<string, BuoyState>();

  constructor() {}

  init(scenario: BuoyTrackerScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.smoothing = scenario.smoothing;
    this.buoys.clear();
    scenario.buoys.forEach((buoy) => this.buoys.set(buoy.id, structuredClone(buoy)));
    return this;
  }

  toScenario(): BuoyTrackerScenario {
    const buoys = [...this.buoys.values()].map((buoy) => structuredClone(buoy));
    return { uuid: this.uuid, owner: this.owner, smoothing: this.smoothing, buoys };
  }

  moor(id: string, radiusMetres: number): void {
    this.buoys.set(id, { id, radiusMetres, smoothed: null, outsideSince: null });
  }

  /** Returns the smoothed distance from the sinker in metres. */
  report(id: string, fix: Fix): number {
    const buoy = this.buoys.get(id);
    if (!buoy) {
      throw new Error(`buoy ${id} is not moored here`);
    }
    if (buoy.smoothed && fix.minute <= buoy.smoothed.minute) {
      throw new Error(`fix of ${id} at minute ${fix.minute} is older than the last one`);
    }
    buoy.smoothed = this.blend(buoy.smoothed, fix);
    const distance = Math.hypot(buoy.smoothed.eastMetres, buoy.smoothed.northMetres);
    if (distance <= buoy.radiusMetres) {
      buoy.outsideSince = null;
    } else {
      buoy.outsideSince ??= fix.minute;
    }
    return distance;
  }

  drifting(now: number, toleranceMinutes: number): string[] {
    return [...this.buoys.values()]
      .filter(({ outsideSince }) => outsideSince !== null && now - outsideSince >= toleranceMinutes)
      .map(({ id }) => id);
  }

  silentSince(now: number, minutes: number): string[] {
    return [...this.buoys.values()]
      .filter(({ smoothed }) => smoothed === null || now - smoothed.minute > minutes)
      .map(({ id }) => id);
  }

  private blend(previous: Fix | null, fix: Fix): Fix {
    if (!previous) {
      return { ...fix };
    }
    const mix = (old: number, fresh: number): number => old + this.smoothing * (fresh - old);
    return {
      minute: fix.minute,
      eastMetres: mix(previous.eastMetres, fix.eastMetres),
      northMetres: mix(previous.northMetres, fix.northMetres),
    };
  }
}

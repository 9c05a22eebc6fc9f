import type { Scenario } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";
import type { TideTable, TideTableModel, TideWindow } from "../layer3/TideTable.interface.js";

/** Predicts water height as a sum of harmonic constituents around the mean level. */
export class DefaultTideTable implements TideTable {
  private static readonly STEP_HOURS = 0.1;
  private model: TideTableModel = { uuid: "", owner: "", station: "", meanLevel: 0, constituents: [] };

  constructor() {}

  init(scenario: Scenario<TideTableModel>): this {
    this.model = structuredClone(scenario.model);
    return this;
  }

  toScenario(): Scenario<TideTableModel> {
    return {
      ior: { uuid: this.model.uuid, component: "TideTable", version: "1.0.0" },
      owner: this.model.owner,
      model: structuredClone(this.model),
    };
  }

  heightAt(hour: number): number {
    return this.model.constituents.reduce((height, harmonic) => {
      const angle = (2 * Math.PI * hour) / harmonic.periodHours - (harmonic.phaseDegrees * Math.PI) / 180;
      return height + harmonic.amplitude * Math.cos(angle);
    }, this.model.meanLevel);
  }

  nextHighWater(afterHour: number): { hour: number; height: number } {
    const step = DefaultTideTable.STEP_HOURS;
    for (let hour = afterHour; hour < afterHour + 30; hour += step) {
      if (this.isRising(hour) && !this.isRising(hour + step)) {
        const peak = this.bisect(hour, hour + step, (at) => this.isRising(at));
        return { hour: peak, height: this.heightAt(peak) };
      }
    }
    throw new Error(`no high water at ${this.model.station} within 30 hours`);
  }

  windowsAbove(height: number, fromHour: number, untilHour: number): TideWindow[] {
    const deepEnough = (hour: number): boolean => this.heightAt(hour) >= height;
    const windows: TideWindow[] = [];
    let open: number | undefined = deepEnough(fromHour) ? fromHour : undefined;
    let hour = fromHour;
    while (hour < untilHour) {
      const next = Math.min(hour + DefaultTideTable.STEP_HOURS, untilHour);
      if (open === undefined && deepEnough(next)) {
        open = this.bisect(hour, next, (at) => !deepEnough(at));
      } else if (open !== undefined && !deepEnough(next)) {
        windows.push({ fromHour: open, untilHour: this.bisect(hour, next, deepEnough) });
        open = undefined;
      }
      hour = next;
    }
    if (open !== undefined) {
      windows.push({ fromHour: open, untilHour });
    }
    return windows;
  }

  isRising(hour: number): boolean {
    return this.heightAt(hour + 0.001) > this.heightAt(hour - 0.001);
  }

  /** Finds where `holds` changes from true to false between two hours, to about a second. */
  private bisect(low: number, high: number, holds: (hour: number) => boolean): number {
    while (high - low > 1 / 3600) {
      const middle = (low + high) / 2;
      if (holds(middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }
}

import { describe, expect, it } from "vitest";
import { DefaultTideTable } from "../src/ts/layer2/DefaultTideTable.js";
import { TideTableCLI } from "../src/ts/layer5/TideTableCLI.js";

describe("TideTable", () => {
  const table = new DefaultTideTable().init({
    ior: { uuid: "t-1", component: "TideTable", version: "1.0.0" },
    owner: "pilotage",
    model: {
      uuid: "t-1",
      owner: "pilotage",
      station: "Outer Mole",
      meanLevel: 4,
      constituents: [{ name: "half-day", amplitude: 2, periodHours: 12, phaseDegrees: 0 }],
    },
  });

  it("starts at high water and falls to low water after half a period", () => {
    expect(table.heightAt(0)).toBeCloseTo(6);
    expect(table.heightAt(6)).toBeCloseTo(2);
    expect(table.isRising(3)).toBe(false);
    expect(table.isRising(9)).toBe(true);
  });

  it("finds the next high water to the minute", () => {
    const next = table.nextHighWater(1);
    expect(next.hour).toBeCloseTo(12, 1);
    expect(next.height).toBeCloseTo(6, 3);
  });

  it("opens a window when the water passes five metres", () => {
    const windows = table.windowsAbove(5, 0, 24);
    expect(windows).toHaveLength(3);
    expect(windows[0].untilHour).toBeCloseTo(2, 2);
    expect(windows[1].fromHour).toBeCloseTo(10, 2);
  });

  it("has no window above the highest water", () => {
    expect(table.windowsAbove(6.5, 0, 24)).toEqual([]);
  });

  it("prints passable hours for a draught with clearance", () => {
    expect(new TideTableCLI().use(table).passable("4.5", "0.5")).toContain("10.0-14.0");
  });

  it("fails clearly without any constituent", () => {
    expect(() => new DefaultTideTable().nextHighWater(0)).toThrow(/no high water/);
  });
});

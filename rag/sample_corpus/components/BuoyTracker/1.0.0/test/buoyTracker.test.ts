import { beforeEach, describe, expect, it } from "vitest";
import { DefaultBuoyTracker } from "../src/ts/layer2/DefaultBuoyTracker.js";

describe("BuoyTracker", () => {
  let tracker: DefaultBuoyTracker;

  beforeEach(() => {
    tracker = new DefaultBuoyTracker();
    tracker.moor("green-7", 20);
  });

  it("damps a single wild fix", () => {
    tracker.report("green-7", { minute: 0, eastMetres: 0, northMetres: 10 });
    const distance = tracker.report("green-7", { minute: 1, eastMetres: 0, northMetres: 28 });
    expect(distance).toBe(19);
    expect(tracker.drifting(60, 5)).toEqual([]);
  });

  it("reports a buoy that stays outside", () => {
    tracker.report("green-7", { minute: 0, eastMetres: 30, northMetres: 40 });
    tracker.report("green-7", { minute: 6, eastMetres: 33, northMetres: 44 });
    expect(tracker.drifting(6, 5)).toEqual(["green-7"]);
    expect(tracker.drifting(4, 5)).toEqual([]);
  });

  it("forgets the drift when the buoy comes back", () => {
    tracker.report("green-7", { minute: 0, eastMetres: 30, northMetres: 0 });
    tracker.report("green-7", { minute: 1, eastMetres: 0, northMetres: 0 });
    expect(tracker.toScenario().buoys[0].outsideSince).toBeNull();
  });

  it("lists silent buoys, also the never heard ones", () => {
    tracker.moor("red-2", 15);
    tracker.report("green-7", { minute: 100, eastMetres: 1, northMetres: 1 });
    expect(tracker.silentSince(120, 30)).toEqual(["red-2"]);
  });

  it("rejects fixes out of order", () => {
    tracker.report("green-7", { minute: 5, eastMetres: 0, northMetres: 0 });
    expect(() => tracker.report("green-7", { minute: 5, eastMetres: 0, northMetres: 0 })).toThrow(/older/);
  });
});

import { describe, expect, it } from "vitest";
import { DefaultSafetyDrill } from "../src/ts/layer2/DefaultSafetyDrill.js";

describe("SafetyDrill", () => {
  const good = { "sound the alarm": 1, "count heads": 7, "close valves": 4, "meet the brigade": 12 };

  it("passes when every step is in time", () => {
    const drill = DefaultSafetyDrill.evacuation("south quay");
    expect(drill.record({ day: 10, minutes: good })).toBe("passed");
    expect(drill.nextDue()).toBe(100);
    expect(drill.weakestStep()).toBeUndefined();
  });

  it("is repeated soon when a minor step is slow", () => {
    const drill = DefaultSafetyDrill.evacuation("south quay");
    expect(drill.record({ day: 10, minutes: { ...good, "close valves": 6 } })).toBe("repeat");
    expect(drill.nextDue()).toBe(40);
  });

  it("fails when heads were never counted", () => {
    const drill = DefaultSafetyDrill.evacuation("south quay");
    expect(drill.record({ day: 10, minutes: { ...good, "count heads": null } })).toBe("failed");
    drill.record({ day: 17, minutes: { ...good, "count heads": 9 } });
    expect(drill.weakestStep()).toBe("count heads");
    expect(drill.nextDue()).toBe(24);
  });

  it("is due at once when it never took place", () => {
    expect(DefaultSafetyDrill.evacuation("south quay").nextDue()).toBe(0);
  });

  it("does not grade invented steps", () => {
    const drill = DefaultSafetyDrill.evacuation("south quay");
    expect(() => drill.record({ day: 1, minutes: { "have coffee": 3 } })).toThrow(/not a step/);
  });
});

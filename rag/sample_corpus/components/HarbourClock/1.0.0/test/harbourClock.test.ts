import { beforeEach, describe, expect, it } from "vitest";
import { DefaultHarbourClock } from "../src/ts/layer2/DefaultHarbourClock.js";
import { HarbourClockCLI } from "../src/ts/layer5/HarbourClockCLI.js";
import type { TimeSource } from "../src/ts/layer3/HarbourClock.interface.js";

class FixedTime implements TimeSource {
  at = Date.UTC(2025, 2, 4, 9, 40);
  nowMs(): number {
    return this.at;
  }
}

describe("HarbourClock", () => {
  let time: FixedTime;
  let clock: DefaultHarbourClock;

  beforeEach(() => {
    time = new FixedTime();
    clock = new DefaultHarbourClock().useSource(time).init({
      ior: { uuid: "c-1", component: "HarbourClock", version: "1.0.0" },
      owner: "harbour-office",
      model: { uuid: "c-1", owner: "harbour-office", offsetMinutes: 60, slotMinutes: 30 },
    });
  });

  it("shows local time with the offset applied", () => {
    expect(clock.localTime()).toBe("10:40");
  });

  it("strikes five bells at 10:40", () => {
    expect(clock.bells()).toBe(5);
  });

  it("wraps over midnight into the night watch", () => {
    time.at = Date.UTC(2025, 2, 4, 23, 15);
    expect(clock.localTime()).toBe("00:15");
    expect(clock.isNightWatch()).toBe(true);
    expect(clock.bells()).toBe(8);
  });

  it("places the next slot strictly in the future", () => {
    time.at = Date.UTC(2025, 2, 4, 9, 30);
    expect(clock.nextSlotStart()).toBe(Date.UTC(2025, 2, 4, 10, 0));
  });

  it("refuses a slot length of zero", () => {
    const scenario = clock.toScenario();
    scenario.model.slotMinutes = 0;
    expect(() => new DefaultHarbourClock().init(scenario)).toThrow(RangeError);
  });

  it("explains itself on an unknown command", () => {
    expect(HarbourClockCLI.start(["dance"])).toMatch(/^usage/);
  });
});

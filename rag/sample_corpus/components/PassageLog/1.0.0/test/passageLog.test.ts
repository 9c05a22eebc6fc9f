import { beforeEach, describe, expect, it } from "vitest";
import { DefaultPassageLog } from "../src/ts/layer2/DefaultPassageLog.js";

describe("PassageLog", () => {
  let log: DefaultPassageLog;

  beforeEach(() => {
    log = new DefaultPassageLog();
    log.note("Dunlin", "pilot-on-board", 100);
    log.note("Kittiwake", "pilot-on-board", 50);
    log.note("Dunlin", "breakwater", 130);
    log.note("Dunlin", "all-fast", 145);
  });

  it("iterates in order of time, whatever the order of notes", () => {
    expect([...log].map((entry) => entry.minute)).toEqual([50, 100, 130, 145]);
  });

  it("measures a passage and its slowest leg", () => {
    expect(log.minutesBetween("Dunlin", "pilot-on-board", "all-fast")).toBe(45);
    expect(log.slowestLeg("Dunlin")).toEqual(["pilot-on-board", "breakwater"]);
  });

  it("ignores unfinished passages in the median", () => {
    expect(log.medianPassage()).toBe(45);
    log.note("Kittiwake", "all-fast", 125);
    expect(log.medianPassage()).toBe(60);
  });

  it("does not let a vessel travel back in time", () => {
    expect(() => log.note("Dunlin", "first-line", 120)).toThrow(/cannot reach first-line before all-fast/);
  });

  it("says which entry is missing", () => {
    expect(() => log.minutesBetween("Kittiwake", "pilot-on-board", "breakwater")).toThrow(/no entry for breakwater/);
  });
});

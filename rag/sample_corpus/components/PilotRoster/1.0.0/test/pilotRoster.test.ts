import { beforeEach, describe, expect, it } from "vitest";
import { DefaultPilotRoster } from "../src/ts/layer2/DefaultPilotRoster.js";

describe("PilotRoster", () => {
  let roster: DefaultPilotRoster;

  beforeEach(() => {
    roster = new DefaultPilotRoster().init({
      uuid: "pr-1",
      owner: "pilotage",
      restHours: 8,
      weeklyLimit: 20,
      members: [
        { name: "Imke", maxLengthMetres: 300, lastDutyEnded: 0, hoursThisWeek: 6 },
        { name: "Jarl", maxLengthMetres: 150, lastDutyEnded: 0, hoursThisWeek: 2 },
      ],
    });
  });

  it("chooses the pilot with the fewest hours", () => {
    expect(roster.assign(100, 10, 3).name).toBe("Jarl");
  });

  it("respects the licence of the pilot", () => {
    expect(roster.assign(250, 10, 3).name).toBe("Imke");
  });

  it("grants rest after a duty", () => {
    roster.assign(250, 10, 3);
    expect(() => roster.assign(250, 16, 3)).toThrow(/no rested pilot/);
    expect(roster.assign(250, 21, 3).name).toBe("Imke");
  });

  it("stops at the weekly limit and starts again next week", () => {
    roster.assign(250, 10, 12);
    expect(roster.eligible(250, 100, 3)).toEqual([]);
    roster.startNewWeek();
    expect(roster.eligible(250, 100, 3)).toHaveLength(1);
    expect(roster.fairness()).toBe(0);
  });

  it("refuses to list the same name twice", () => {
    expect(() => roster.join({ name: "Imke", maxLengthMetres: 90, lastDutyEnded: 0, hoursThisWeek: 0 })).toThrow();
    expect(roster.leave("Nobody")).toBe(false);
  });
});

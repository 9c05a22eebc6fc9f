import { beforeEach, describe, expect, it } from "vitest";
import { DefaultBerthPlanner } from "../src/ts/layer2/DefaultBerthPlanner.js";
import { BerthPlannerCLI } from "../src/ts/layer5/BerthPlannerCLI.js";

describe("BerthPlanner", () => {
  let planner: DefaultBerthPlanner;

  beforeEach(() => {
    planner = new DefaultBerthPlanner().init({
      ior: { uuid: "p-1", component: "BerthPlanner", version: "1.0.0" },
      owner: "harbour-office",
      model: {
        uuid: "p-1",
        owner: "harbour-office",
        turnaroundMinutes: 30,
        berths: [
          { id: "North-1", lengthMetres: 120, depthMetres: 7 },
          { id: "South-2", lengthMetres: 220, depthMetres: 11 },
        ],
        bookings: [],
      },
    });
  });

  it("prefers the shortest berth that fits", () => {
    const booking = planner.book({ vessel: "Kittiwake", lengthMetres: 90, draughtMetres: 5, earliestMinute: 0, durationMinutes: 240 });
    expect(booking.berthId).toBe("North-1");
  });

  it("moves a second coaster to the other berth rather than letting it wait", () => {
    planner.book({ vessel: "Kittiwake", lengthMetres: 90, draughtMetres: 5, earliestMinute: 0, durationMinutes: 240 });
    const second = planner.book({ vessel: "Dunlin", lengthMetres: 95, draughtMetres: 5, earliestMinute: 60, durationMinutes: 60 });
    expect(second).toMatchObject({ berthId: "South-2", fromMinute: 60 });
  });

  it("keeps the turnaround gap between two stays", () => {
    const deep = { lengthMetres: 200, draughtMetres: 10, earliestMinute: 0, durationMinutes: 100 };
    planner.book({ vessel: "Fulmar", ...deep });
    expect(planner.book({ vessel: "Gannet", ...deep }).fromMinute).toBe(130);
  });

  it("leaves half a metre under the keel", () => {
    expect(() =>
      planner.book({ vessel: "Leviathan", lengthMetres: 200, draughtMetres: 10.6, earliestMinute: 0, durationMinutes: 60 }),
    ).toThrow(/no berth takes Leviathan/);
  });

  it("reports utilisation inside a window and forgets cancelled stays", () => {
    planner.book({ vessel: "Kittiwake", lengthMetres: 90, draughtMetres: 5, earliestMinute: 0, durationMinutes: 240 });
    expect(planner.utilisation("North-1", 120, 360)).toBeCloseTo(0.5);
    expect(planner.cancel("Kittiwake")).toBe(true);
    expect(planner.utilisation("North-1", 120, 360)).toBe(0);
  });

  it("rejects text where the command line wants numbers", () => {
    const cli = new BerthPlannerCLI().load(planner.toScenario());
    expect(cli.book("Tern", "ninety", "5", "0", "60")).toMatch(/must be numbers/);
    expect(cli.book("Tern", "90", "5", "0", "60")).toBe("Tern -> North-1 from 0 until 60");
  });
});

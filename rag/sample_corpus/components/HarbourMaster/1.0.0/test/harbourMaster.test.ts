import { beforeEach, describe, expect, it } from "vitest";
import { DefaultArrivalForecast } from "../../../ArrivalForecast/1.0.0/src/ts/layer2/DefaultArrivalForecast.js";
import { DefaultBerthPlanner } from "../../../BerthPlanner/1.0.0/src/ts/layer2/DefaultBerthPlanner.js";
import { DefaultPilotRoster } from "../../../PilotRoster/1.0.0/src/ts/layer2/DefaultPilotRoster.js";
import { DefaultTideTable } from "../../../TideTable/1.0.0/src/ts/layer2/DefaultTideTable.js";
import { DefaultWeatherWatch } from "../../../WeatherWatch/1.0.0/src/ts/layer2/DefaultWeatherWatch.js";
import { DefaultHarbourMaster, type HarbourServices } from "../src/ts/layer2/DefaultHarbourMaster.js";
import { HarbourMasterCLI } from "../src/ts/layer5/HarbourMasterCLI.js";

describe("HarbourMaster", () => {
  const request = {
    vessel: "Kittiwake",
    lengthMetres: 90,
    draughtMetres: 4,
    earliestMinute: 0,
    durationMinutes: 300,
    milesToGo: 20,
    reportedKnots: 10,
  };
  let knots: number;
  let services: HarbourServices;

  beforeEach(() => {
    knots = 10;
    const tide = new DefaultTideTable().init({
      ior: { uuid: "t-3", component: "TideTable", version: "1.0.0" },
      owner: "pilotage",
      model: { uuid: "t-3", owner: "pilotage", station: "Sill", meanLevel: 6, constituents: [] },
    });
    services = {
      forecast: new DefaultArrivalForecast().withTide(tide),
      planner: new DefaultBerthPlanner().init({
        ior: { uuid: "p-3", component: "BerthPlanner", version: "1.0.0" },
        owner: "office",
        model: {
          uuid: "p-3",
          owner: "office",
          turnaroundMinutes: 0,
          bookings: [],
          berths: [{ id: "North-1", lengthMetres: 120, depthMetres: 7 }],
        },
      }),
      roster: new DefaultPilotRoster().init({
        uuid: "r-3",
        owner: "pilotage",
        restHours: 8,
        weeklyLimit: 40,
        members: [{ name: "Imke", maxLengthMetres: 200, lastDutyEnded: -20, hoursThisWeek: 0 }],
      }),
      weather: new DefaultWeatherWatch(),
      station: { read: async () => ({ minute: 0, knots, degrees: 200 }) },
    };
  });

  it("grants arrival with berth and pilot", async () => {
    const clearance = await new DefaultHarbourMaster().employ(services).clear(request, 0);
    expect(clearance).toMatchObject({ granted: true, pilot: "Imke", entryHour: 2, booking: { berthId: "North-1", fromMinute: 120 } });
  });

  it("collects every reason for a refusal", async () => {
    knots = 44;
    const clearance = await new DefaultHarbourMaster().employ(services).clear({ ...request, draughtMetres: 6, lengthMetres: 250 }, 0);
    expect(clearance.granted === false && clearance.reasons).toEqual([
      "wind of 44 kn exceeds 35 kn",
      "Kittiwake finds no water over the sill within two days",
      "no rested pilot is available",
    ]);
  });

  it("does not tire a pilot for a vessel without berth", async () => {
    const master = new DefaultHarbourMaster().employ(services);
    await master.clear({ ...request, lengthMetres: 150 }, 0);
    expect(services.roster.eligible(150, 2, 2)).toHaveLength(1);
    await master.clear(request, 0);
    expect(master.grantedShare()).toBe(0.5);
  });

  it("answers two simultaneous requests in turn", async () => {
    const cli = new HarbourMasterCLI().start(services);
    const answers = await Promise.all([
      cli.arrive("Kittiwake", "90", "4", "20", "10"),
      cli.arrive("Dunlin", "80", "4", "20", "10"),
    ]);
    expect(answers).toEqual(["Kittiwake cleared for North-1 with pilot Imke", "Dunlin refused: no rested pilot is available"]);
  });

  it("needs its services", async () => {
    await expect(new DefaultHarbourMaster().clear(request, 0)).rejects.toThrow(/employs nobody/);
  });
});

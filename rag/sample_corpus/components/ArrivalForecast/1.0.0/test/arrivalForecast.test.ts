import { beforeEach, describe, expect, it } from "vitest";
import { DefaultTideTable } from "../../../TideTable/1.0.0/src/ts/layer2/DefaultTideTable.js";
import { DefaultArrivalForecast } from "../src/ts/layer2/DefaultArrivalForecast.js";
import { ArrivalForecastCLI } from "../src/ts/layer5/ArrivalForecastCLI.js";

describe("ArrivalForecast", () => {
  const gannet = { vessel: "Gannet", milesToGo: 40, reportedKnots: 10, draughtMetres: 4.5 };
  let forecast: DefaultArrivalForecast;

  beforeEach(() => {
    const tide = new DefaultTideTable().init({
      ior: { uuid: "t-2", component: "TideTable", version: "1.0.0" },
      owner: "pilotage",
      model: {
        uuid: "t-2",
        owner: "pilotage",
        station: "Sill",
        meanLevel: 4,
        constituents: [{ name: "half-day", amplitude: 2, periodHours: 12, phaseDegrees: 0 }],
      },
    });
    forecast = new DefaultArrivalForecast()
      .init({ uuid: "af-1", owner: "traffic", sillMetres: 0, biasHours: {} })
      .withTide(tide);
  });

  it("divides miles by knots", () => {
    expect(forecast.arrivalHour(gannet, 2)).toBe(6);
  });

  it("waits at the sill until the water is there", () => {
    expect(forecast.entryHour(gannet, 0)).toBeCloseTo(10, 2);
  });

  it("recommends slow steaming instead of waiting", () => {
    expect(forecast.recommendedKnots(gannet, 0)).toBeCloseTo(4, 1);
  });

  it("learns that a vessel is always late", () => {
    forecast.learn("Gannet", 4, 6);
    expect(forecast.arrivalHour(gannet, 0)).toBeCloseTo(4.6);
  });

  it("gives up on a vessel too deep for any tide", () => {
    expect(() => forecast.entryHour({ ...gannet, draughtMetres: 7 }, 0)).toThrow(/no water over the sill/);
    expect(() => forecast.arrivalHour({ ...gannet, reportedKnots: 0 }, 0)).toThrow(RangeError);
  });

  it("advises in one line", () => {
    expect(new ArrivalForecastCLI().use(forecast).advise("Gannet", "40", "10", "4.5")).toBe(
      "Gannet: enter in 10.0 h, proceed at 4.0 kn",
    );
  });
});

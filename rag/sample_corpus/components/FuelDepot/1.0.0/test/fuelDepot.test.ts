import { beforeEach, describe, expect, it } from "vitest";
import { DefaultFuelDepot } from "../src/ts/layer2/DefaultFuelDepot.js";

describe("FuelDepot", () => {
  let depot: DefaultFuelDepot;

  beforeEach(() => {
    depot = new DefaultFuelDepot().init({
      uuid: "fd-1",
      owner: "bunkering",
      reorderLitres: 500,
      batches: [{ delivery: "monday", litres: 1000, centsPerLitre: 90 }],
      reserved: {},
    });
    depot.deliver({ delivery: "tuesday", litres: 1000, centsPerLitre: 100 });
  });

  it("charges each litre at the price of its delivery", () => {
    depot.reserve("Fulmar", 1200);
    expect(depot.bunker("Fulmar")).toEqual({ litres: 1200, cents: 110_000, from: ["monday", "tuesday"] });
  });

  it("does not promise the same litre twice", () => {
    depot.reserve("Fulmar", 1800);
    expect(() => depot.reserve("Gannet", 300)).toThrow(/only 200 l are free/);
    expect(depot.needsDelivery()).toBe(true);
  });

  it("bunkers only once for a reservation", () => {
    depot.reserve("Fulmar", 100);
    depot.bunker("Fulmar");
    expect(() => depot.bunker("Fulmar")).toThrow(/no reservation/);
  });

  it("keeps reservations while it sleeps", () => {
    depot.reserve("Fulmar", 700);
    expect(new DefaultFuelDepot().init(depot.toScenario()).free()).toBe(1300);
  });

  it("refuses an empty delivery", () => {
    expect(() => depot.deliver({ delivery: "never", litres: 0, centsPerLitre: 1 })).toThrow(RangeError);
  });
});

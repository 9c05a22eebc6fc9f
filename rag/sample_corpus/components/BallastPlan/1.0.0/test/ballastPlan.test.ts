import { beforeEach, describe, expect, it } from "vitest";
import { DefaultBallastPlan } from "../src/ts/layer2/DefaultBallastPlan.js";

describe("BallastPlan", () => {
  let plan: DefaultBallastPlan;

  beforeEach(() => {
    plan = new DefaultBallastPlan().init({
      uuid: "b-1",
      owner: "Fulmar",
      tanks: [
        { id: "forepeak", leverMetres: 40, capacityTonnes: 100, contentTonnes: 20 },
        { id: "amidships", leverMetres: 0, capacityTonnes: 500, contentTonnes: 250 },
        { id: "aft", leverMetres: -30, capacityTonnes: 200, contentTonnes: 50 },
      ],
    });
  });

  it("adds up levers times content", () => {
    expect(plan.moment()).toBe(-700);
  });

  it("fills the tank with the longest lever", () => {
    expect(plan.trimTo(900)).toEqual([{ tank: "forepeak", tonnes: 40 }]);
  });

  it("goes on with the next tank when the first is full", () => {
    const orders = plan.trimTo(3_400);
    expect(orders).toEqual([
      { tank: "forepeak", tonnes: 80 },
      { tank: "aft", tonnes: -30 },
    ]);
    plan.apply(orders);
    expect(plan.moment()).toBeCloseTo(3_400);
    expect(plan.pumpMinutes(orders, 20)).toBe(6);
  });

  it("admits when the tanks cannot do it", () => {
    expect(() => plan.trimTo(5_000)).toThrow(/1000.0 tm are missing/);
  });

  it("never pumps a tank below empty or into a stranger", () => {
    expect(() => plan.apply([{ tank: "aft", tonnes: -51 }])).toThrow(RangeError);
    expect(() => plan.apply([{ tank: "pool", tonnes: 1 }])).toThrow(/into pool/);
  });
});

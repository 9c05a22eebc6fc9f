import { beforeEach, describe, expect, it } from "vitest";
import { DefaultCustomsDesk } from "../src/ts/layer2/DefaultCustomsDesk.js";
import { WeightMismatchRule } from "../src/ts/layer2/WeightMismatchRule.js";
import type { Declaration, RiskRule } from "../src/ts/layer3/CustomsDesk.interface.js";

class CheapGoodsRule implements RiskRule {
  readonly name = "value too low";

  score(declaration: Declaration): number {
    return declaration.valueEuro / declaration.declaredKilograms < 0.1 ? 25 : 0;
  }
}

describe("CustomsDesk", () => {
  const honest: Declaration = { number: "D-1", origin: "PT", declaredKilograms: 1000, weighedKilograms: 1010, valueEuro: 5000 };
  let desk: DefaultCustomsDesk;

  beforeEach(() => {
    desk = new DefaultCustomsDesk().apply(new WeightMismatchRule()).apply(new CheapGoodsRule());
  });

  it("waves an honest declaration through", () => {
    expect(desk.channelFor(honest)).toBe("green");
    expect(desk.clear(honest, false)).toBe(true);
  });

  it("adds the scores of all rules", () => {
    const odd = { ...honest, number: "D-2", weighedKilograms: 1500, valueEuro: 50 };
    expect(desk.channelFor(odd)).toBe("red");
    expect(desk.reasons(odd)).toEqual(["weight mismatch (+50)", "value too low (+25)"]);
  });

  it("clears a red one only after inspection", () => {
    const odd = { ...honest, number: "D-3", declaredKilograms: 0, valueEuro: -1 };
    desk.init({ ...desk.toScenario(), redFrom: 60 });
    expect(desk.clear(odd, false)).toBe(false);
    expect(desk.clear(odd, true)).toBe(true);
    expect(desk.toScenario().cleared).toEqual(["D-3"]);
  });

  it("replaces a rule of the same name", () => {
    desk.apply({ name: "weight mismatch", score: () => 0 });
    expect(desk.channelFor({ ...honest, weighedKilograms: 2000 })).toBe("green");
  });

  it("wants yellow below red", () => {
    expect(() => desk.init({ ...desk.toScenario(), yellowFrom: 80 })).toThrow(RangeError);
  });
});

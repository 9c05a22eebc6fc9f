import { describe, expect, it } from "vitest";
import { DefaultFeeCalculator } from "../src/ts/layer2/DefaultFeeCalculator.js";

describe("FeeCalculator", () => {
  const calculator = new DefaultFeeCalculator().init({
    uuid: "f-1",
    owner: "treasury",
    brackets: [
      { upToTonnage: Number.POSITIVE_INFINITY, centsPerTonne: 4 },
      { upToTonnage: 1000, centsPerTonne: 10 },
    ],
    overstayPercentPerDay: 50,
    greenDiscountPercent: 10,
  });

  it("charges each tonne at its own bracket", () => {
    expect(calculator.harbourDues(1500)).toBe(12_000);
  });

  it("rounds to five cents", () => {
    expect(calculator.harbourDues(1003)).toBe(10_010);
  });

  it("adds half a day's dues for each day of overstay", () => {
    const bill = calculator.invoice({ grossTonnage: 1000, days: 3, bookedDays: 2, shorePower: false });
    expect(bill).toEqual({ dues: 30_000, overstay: 5_000, discount: 0, total: 35_000 });
  });

  it("rewards shore power", () => {
    expect(calculator.invoice({ grossTonnage: 1000, days: 1, bookedDays: 1, shorePower: true }).total).toBe(9_000);
  });

  it("counts the days a budget pays for", () => {
    expect(calculator.breakEvenDays(1000, 45_000)).toBe(4);
    expect(calculator.breakEvenDays(0, 45_000)).toBe(Number.POSITIVE_INFINITY);
  });
});

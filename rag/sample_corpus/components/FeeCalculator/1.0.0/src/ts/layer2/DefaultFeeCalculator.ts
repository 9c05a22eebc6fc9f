import type { FeeCalculator, FeeCalculatorScenario, Stay, TariffBracket } from "../layer3/FeeCalculator.interface.js";

export function roundToFiveCents(cents: number): number {
  return Math.round(cents / 5) * 5;
}

/** Harbour dues by tonnage bracket, with overstay surcharge and shore-power discount. */
export class DefaultFeeCalculator implements FeeCalculator {
  private uuid = "";
  private owner = "";
  private brackets: TariffBracket[] = [];
  private overstayPercentPerDay = 0;
  private greenDiscountPercent = 0;

  constructor() {}

  init(scenario: FeeCalculatorScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.brackets = [...scenario.brackets].sort((a, b) => a.upToTonnage - b.upToTonnage);
    this.overstayPercentPerDay = scenario.overstayPercentPerDay;
    this.greenDiscountPercent = scenario.greenDiscountPercent;
    return this;
  }

  toScenario(): FeeCalculatorScenario {
    return {
      uuid: this.uuid,
      owner: this.owner,
      brackets: this.brackets.map((bracket) => ({ ...bracket })),
      overstayPercentPerDay: this.overstayPercentPerDay,
      greenDiscountPercent: this.greenDiscountPercent,
    };
  }

  harbourDues(grossTonnage: number): number {
    let remaining = grossTonnage;
    let floor = 0;
    let cents = 0;
    for (const { upToTonnage, centsPerTonne } of this.brackets) {
      const inBracket = Math.min(remaining, upToTonnage - floor);
      cents += inBracket * centsPerTonne;
      remaining -= inBracket;
      floor = upToTonnage;
      if (remaining <= 0) {
        break;
      }
    }
    return roundToFiveCents(cents);
  }

  invoice(stay: Stay): { dues: number; overstay: number; discount: number; total: number } {
    const daily = this.harbourDues(stay.grossTonnage);
    const dues = daily * stay.days;
    const extraDays = Math.max(0, stay.days - stay.bookedDays);
    const overstay = roundToFiveCents((daily * extraDays * this.overstayPercentPerDay) / 100);
    const discount = stay.shorePower ? roundToFiveCents((dues * this.greenDiscountPercent) / 100) : 0;
    return { dues, overstay, discount, total: dues + overstay - discount };
  }

  breakEvenDays(grossTonnage: number, budgetCents: number): number {
    const daily = this.harbourDues(grossTonnage);
    return daily === 0 ? Number.POSITIVE_INFINITY : Math.floor(budgetCents / daily);
  }
}

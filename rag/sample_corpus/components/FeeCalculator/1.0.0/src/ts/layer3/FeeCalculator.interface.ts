export interface TariffBracket {
  upToTonnage: number;
  centsPerTonne: number;
}

export interface FeeCalculatorScenario {
  uuid: string;
  owner: string;
  brackets: TariffBracket[];
  overstayPercentPerDay: number;
  greenDiscountPercent: number;
}

export interface Stay {
  grossTonnage: number;
  days: number;
  bookedDays: number;
  shorePower: boolean;
}

export interface FeeCalculator {
  init(scenario: FeeCalculatorScenario): this;
  toScenario(): FeeCalculatorScenario;
  harbourDues(grossTonnage: number): number;
  invoice(stay: Stay): { dues: number; overstay: number; discount: number; total: number };
  breakEvenDays(grossTonnage: number, budgetCents: number): number;
}

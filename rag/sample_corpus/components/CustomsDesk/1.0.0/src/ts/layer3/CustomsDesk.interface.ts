export interface Declaration {
  number: string;
  origin: string;
  declaredKilograms: number;
  weighedKilograms: number;
  valueEuro: number;
}

export type Channel = "green" | "yellow" | "red";

export interface RiskRule {
  readonly name: string;
  score(declaration: Declaration): number;
}

export interface CustomsDeskScenario {
  uuid: string;
  owner: string;
  redFrom: number;
  yellowFrom: number;
  cleared: string[];
}

export interface CustomsDesk {
  init(scenario: CustomsDeskScenario): this;
  toScenario(): CustomsDeskScenario;
  apply(rule: RiskRule): this;
  channelFor(declaration: Declaration): Channel;
  reasons(declaration: Declaration): string[];
  clear(declaration: Declaration, inspected: boolean): boolean;
}

import type { Channel, CustomsDesk, CustomsDeskScenario, Declaration, RiskRule } from "../layer3/CustomsDesk.interface.js";

/** Chooses the customs channel from the added scores of exchangeable risk rules. */
export class DefaultCustomsDesk implements CustomsDesk {
  private scenario: CustomsDeskScenario = { uuid: "", owner: "", redFrom: 70, yellowFrom: 30, cleared: [] };
  private rules: RiskRule[] = [];

  constructor() {}

  init(scenario: CustomsDeskScenario): this {
    if (scenario.yellowFrom >= scenario.redFrom) {
      throw new RangeError("the yellow channel must start below the red one");
    }
    this.scenario = { ...scenario, cleared: [...scenario.cleared] };
    return this;
  }

  toScenario(): CustomsDeskScenario {
    return { ...this.scenario, cleared: [...this.scenario.cleared] };
  }

  apply(rule: RiskRule): this {
    this.rules = [...this.rules.filter((known) => known.name !== rule.name), rule];
    return this;
  }

  channelFor(declaration: Declaration): Channel {
    const score = this.rules.reduce((sum, rule) => sum + rule.score(declaration), 0);
    if (score >= this.scenario.redFrom) {
      return "red";
    }
    return score >= this.scenario.yellowFrom ? "yellow" : "green";
  }

  reasons(declaration: Declaration): string[] {
    return this.rules
      .map((rule) => ({ name: rule.name, score: rule.score(declaration) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ name, score }) => `${name} (+${score})`);
  }

  clear(declaration: Declaration, inspected: boolean): boolean {
    if (this.channelFor(declaration) === "red" && !inspected) {
      return false;
    }
    if (!this.scenario.cleared.includes(declaration.number)) {
      this.scenario.cleared.push(declaration.number);
    }
    return true;
  }
}

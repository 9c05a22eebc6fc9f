export interface SignalMastScenario {
  uuid: string;
  owner: string;
  hoisted: string[];
}

export interface SignalMast {
  init(scenario: SignalMastScenario): this;
  toScenario(): SignalMastScenario;
  hoist(message: string): string[];
  lower(): void;
  decode(flags: string[]): string;
  pattern(): string;
}

export interface RadioCall {
  minute: number;
  channel: number;
  from: string;
  to: string;
  text: string;
}

export interface RadioLogScenario {
  uuid: string;
  owner: string;
  calls: RadioCall[];
}

export interface RadioLog {
  init(scenario: RadioLogScenario): this;
  toScenario(): RadioLogScenario;
  record(call: RadioCall): void;
  conversation(a: string, b: string): RadioCall[];
  unanswered(withinMinutes: number): RadioCall[];
  busiestChannel(): number | undefined;
  search(words: string): RadioCall[];
}

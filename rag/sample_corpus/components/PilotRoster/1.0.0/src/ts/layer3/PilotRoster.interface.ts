export interface Pilot {
  name: string;
  maxLengthMetres: number;
  lastDutyEnded: number;
  hoursThisWeek: number;
}

export interface PilotRosterScenario {
  uuid: string;
  owner: string;
  restHours: number;
  weeklyLimit: number;
  members: Pilot[];
}

export interface PilotRoster {
  init(scenario: PilotRosterScenario): this;
  toScenario(): PilotRosterScenario;
  eligible(lengthMetres: number, atHour: number, dutyHours: number): Pilot[];
  assign(lengthMetres: number, atHour: number, dutyHours: number): Pilot;
  startNewWeek(): void;
  fairness(): number;
}

export interface Departure {
  vessel: string;
  destination: string;
  scheduledMinute: number;
  delayMinutes: number;
  gone: boolean;
}

export interface DepartureBoardScenario {
  uuid: string;
  owner: string;
  departures: Departure[];
}

export interface BoardRow {
  time: string;
  title: string;
  remark: string;
}

export interface DepartureBoard {
  init(scenario: DepartureBoardScenario): this;
  toScenario(): DepartureBoardScenario;
  announce(departure: Departure): void;
  delay(vessel: string, minutes: number): void;
  depart(vessel: string, minute: number): number;
  rows(fromMinute: number, limit: number): BoardRow[];
  punctuality(toleranceMinutes: number): number;
}

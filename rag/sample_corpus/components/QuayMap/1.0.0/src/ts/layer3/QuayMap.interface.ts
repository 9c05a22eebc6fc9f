export interface QuayRoad {
  from: string;
  to: string;
  metres: number;
  maxTonnes: number;
}

export interface QuayMapScenario {
  uuid: string;
  owner: string;
  roads: QuayRoad[];
  closed: string[];
}

export interface QuayRoute {
  stops: string[];
  metres: number;
}

export interface QuayMap {
  init(scenario: QuayMapScenario): this;
  toScenario(): QuayMapScenario;
  route(from: string, to: string, tonnes?: number): QuayRoute | undefined;
  close(place: string): void;
  reopen(place: string): void;
  reachable(from: string): Set<string>;
}

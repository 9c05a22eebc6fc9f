export interface Position {
  latitude: number;
  longitude: number;
}

export interface Tug {
  name: string;
  position: Position;
  bollardPullTonnes: number;
  busyWith: string | null;
}

export interface TugDispatcherScenario {
  uuid: string;
  owner: string;
  speedKnots: number;
  tugs: Tug[];
}

export interface TugDispatcher {
  init(scenario: TugDispatcherScenario): this;
  toScenario(): TugDispatcherScenario;
  requiredPull(displacementTonnes: number, windKnots: number): number;
  dispatch(vessel: string, at: Position, pullTonnes: number): Tug[];
  release(vessel: string): number;
  minutesUntil(tugName: string, at: Position): number;
}

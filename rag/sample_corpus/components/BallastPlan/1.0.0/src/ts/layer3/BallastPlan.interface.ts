export interface BallastTank {
  id: string;
  leverMetres: number;
  capacityTonnes: number;
  contentTonnes: number;
}

export interface PumpOrder {
  tank: string;
  tonnes: number;
}

export interface BallastPlanScenario {
  uuid: string;
  owner: string;
  tanks: BallastTank[];
}

export interface BallastPlan {
  init(scenario: BallastPlanScenario): this;
  toScenario(): BallastPlanScenario;
  moment(): number;
  trimTo(targetMoment: number): PumpOrder[];
  apply(orders: PumpOrder[]): void;
  pumpMinutes(orders: PumpOrder[], tonnesPerMinute: number): number;
}

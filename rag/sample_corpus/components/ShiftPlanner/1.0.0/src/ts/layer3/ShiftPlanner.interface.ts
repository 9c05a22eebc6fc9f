export interface Worker {
  name: string;
  skills: string[];
}

export interface ShiftNeed {
  shift: number;
  skill: string;
  heads: number;
}

export interface ShiftPlannerScenario {
  uuid: string;
  owner: string;
  workers: Worker[];
  needs: ShiftNeed[];
}

export interface ShiftPlanner {
  init(scenario: ShiftPlannerScenario): this;
  toScenario(): ShiftPlannerScenario;
  plan(): Map<string, string[]>;
  gaps(): ShiftNeed[];
  loadOf(name: string): number;
  swap(shift: number, leaving: string, coming: string): void;
}

export interface HydrostaticRow {
  draughtMetres: number;
  displacementTonnes: number;
}

export interface DraughtMarks {
  forward: number;
  midship: number;
  aft: number;
}

export interface DraftSurveyScenario {
  uuid: string;
  owner: string;
  vessel: string;
  table: HydrostaticRow[];
  initial: DraughtMarks | null;
}

export interface DraftSurvey {
  init(scenario: DraftSurveyScenario): this;
  toScenario(): DraftSurveyScenario;
  meanOfMeans(marks: DraughtMarks): number;
  displacement(draughtMetres: number, waterDensity?: number): number;
  begin(marks: DraughtMarks): void;
  cargoMoved(final: DraughtMarks, waterDensity?: number): number;
  deflection(marks: DraughtMarks): "hogging" | "sagging" | "even";
}

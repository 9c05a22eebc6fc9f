export interface DrillStep {
  title: string;
  limitMinutes: number;
  critical: boolean;
}

export interface DrillResult {
  day: number;
  minutes: Record<string, number | null>;
}

export interface SafetyDrillScenario {
  uuid: string;
  owner: string;
  steps: DrillStep[];
  results: DrillResult[];
}

export type DrillGrade = "passed" | "repeat" | "failed";

export interface SafetyDrill {
  init(scenario: SafetyDrillScenario): this;
  toScenario(): SafetyDrillScenario;
  record(result: DrillResult): DrillGrade;
  grade(result: DrillResult): DrillGrade;
  weakestStep(): string | undefined;
  nextDue(): number;
}

import type { DrillGrade, DrillResult, DrillStep, SafetyDrill, SafetyDrillScenario } from "../layer3/SafetyDrill.interface.js";

/** Grades evacuation drills and asks for the next one sooner the worse the last one went. */
export class DefaultSafetyDrill implements SafetyDrill {
  private static readonly DAYS_UNTIL_NEXT: Record<DrillGrade, number> = { passed: 90, repeat: 30, failed: 7 };
  private scenario: SafetyDrillScenario = { uuid: "", owner: "", steps: [], results: [] };

  constructor() {}

  static evacuation(owner: string): DefaultSafetyDrill {
    const steps: DrillStep[] = [
      { title: "sound the alarm", limitMinutes: 1, critical: true },
      { title: "count heads", limitMinutes: 8, critical: true },
      { title: "close valves", limitMinutes: 5, critical: false },
      { title: "meet the brigade", limitMinutes: 15, critical: false },
    ];
    return new DefaultSafetyDrill().init({ uuid: `drill-${owner}`, owner, steps, results: [] });
  }

  init(scenario: SafetyDrillScenario): this {
    this.scenario = structuredClone(scenario);
    return this;
  }

  toScenario(): SafetyDrillScenario {
    return structuredClone(this.scenario);
  }

  record(result: DrillResult): DrillGrade {
    const unknown = Object.keys(result.minutes).find((title) => !this.scenario.steps.some((step) => step.title === title));
    if (unknown !== undefined) {
      throw new Error(`"${unknown}" is not a step of this drill`);
    }
    this.scenario.results.push(structuredClone(result));
    return this.grade(result);
  }

  grade(result: DrillResult): DrillGrade {
    const missed = this.scenario.steps.filter((step) => !this.met(step, result));
    if (missed.some((step) => step.critical)) {
      return "failed";
    }
    return missed.length === 0 ? "passed" : "repeat";
  }

  weakestStep(): string | undefined {
    const failures = this.scenario.steps.map((step) => ({
      title: step.title,
      count: this.scenario.results.filter((result) => !this.met(step, result)).length,
    }));
    const worst = failures.reduce((a, b) => (b.count > a.count ? b : a), { title: "", count: 0 });
    return worst.count === 0 ? undefined : worst.title;
  }

  nextDue(): number {
    const last = this.scenario.results.at(-1);
    return last ? last.day + DefaultSafetyDrill.DAYS_UNTIL_NEXT[this.grade(last)] : 0;
  }

  private met(step: DrillStep, result: DrillResult): boolean {
    const minutes = result.minutes[step.title];
    return minutes !== undefined && minutes !== null && minutes <= step.limitMinutes;
  }
}

import type { ShiftNeed, ShiftPlanner, ShiftPlannerScenario, Worker } from "../layer3/ShiftPlanner.interface.js";

/** Fills quay shifts by skill, never two shifts in a row, least loaded worker first. */
export class DefaultShiftPlanner implements ShiftPlanner {
  private scenario: ShiftPlannerScenario = { uuid: "", owner: "", workers: [], needs: [] };
  private readonly crews = new Map<string, string[]>();

  constructor() {}

  init(scenario: ShiftPlannerScenario): this {
    this.scenario = structuredClone(scenario);
    this.crews.clear();
    return this;
  }

  toScenario(): ShiftPlannerScenario {
    return structuredClone(this.scenario);
  }

  plan(): Map<string, string[]> {
    this.crews.clear();
    const scarceFirst = [...this.scenario.needs].sort(
      (a, b) => a.shift - b.shift || this.skilled(a.skill).length - this.skilled(b.skill).length,
    );
    for (const need of scarceFirst) {
      const crew: string[] = [];
      this.crews.set(this.key(need), crew);
      for (const worker of this.skilled(need.skill).sort((a, b) => this.loadOf(a.name) - this.loadOf(b.name))) {
        if (crew.length < need.heads && this.isRested(worker.name, need.shift)) {
          crew.push(worker.name);
        }
      }
    }
    return new Map([...this.crews].map(([key, crew]) => [key, [...crew]]));
  }

  gaps(): ShiftNeed[] {
    return this.scenario.needs
      .map((need) => ({ ...need, heads: need.heads - (this.crews.get(this.key(need))?.length ?? 0) }))
      .filter((need) => need.heads > 0);
  }

  loadOf(name: string): number {
    return [...this.crews.values()].filter((crew) => crew.includes(name)).length;
  }

  swap(shift: number, leaving: string, coming: string): void {
    const entry = [...this.crews].find(([key, crew]) => key.startsWith(`${shift}:`) && crew.includes(leaving));
    if (!entry) {
      throw new Error(`${leaving} does not work shift ${shift}`);
    }
    const [key, crew] = entry;
    const skill = key.slice(key.indexOf(":") + 1);
    if (!this.skilled(skill).some(({ name }) => name === coming) || !this.isRested(coming, shift)) {
      throw new Error(`${coming} cannot take over ${skill} in shift ${shift}`);
    }
    crew.splice(crew.indexOf(leaving), 1, coming);
  }

  private key(need: ShiftNeed): string {
    return `${need.shift}:${need.skill}`;
  }

  private skilled(skill: string): Worker[] {
    return this.scenario.workers.filter((worker) => worker.skills.includes(skill));
  }

  private isRested(name: string, shift: number): boolean {
    return [...this.crews].every(
      ([key, crew]) => !crew.includes(name) || Math.abs(Number.parseInt(key, 10) - shift) > 1,
    );
  }
}

import type { DraftSurvey, DraftSurveyScenario, DraughtMarks } from "../layer3/DraftSurvey.interface.js";

/** Weighs cargo by reading how deep the vessel floats before and after loading. */
export class DefaultDraftSurvey implements DraftSurvey {
  private static readonly SEA_WATER = 1.025;
  private scenario: DraftSurveyScenario = { uuid: "", owner: "", vessel: "", table: [], initial: null };

  constructor() {}

  init(scenario: DraftSurveyScenario): this {
    const table = [...scenario.table].sort((a, b) => a.draughtMetres - b.draughtMetres);
    this.scenario = { ...scenario, table };
    return this;
  }

  toScenario(): DraftSurveyScenario {
    return structuredClone(this.scenario);
  }

  meanOfMeans({ forward, midship, aft }: DraughtMarks): number {
    return (forward + 6 * midship + aft) / 8;
  }

  displacement(draughtMetres: number, waterDensity = DefaultDraftSurvey.SEA_WATER): number {
    const { table } = this.scenario;
    const upper = table.findIndex((row) => row.draughtMetres >= draughtMetres);
    if (upper < 0 || (upper === 0 && table[0].draughtMetres > draughtMetres)) {
      throw new RangeError(`draught ${draughtMetres} m is outside the table of ${this.scenario.vessel}`);
    }
    const high = table[upper];
    const low = table[Math.max(0, upper - 1)];
    const span = high.draughtMetres - low.draughtMetres;
    const share = span === 0 ? 0 : (draughtMetres - low.draughtMetres) / span;
    const inSeaWater = low.displacementTonnes + share * (high.displacementTonnes - low.displacementTonnes);
    return (inSeaWater * waterDensity) / DefaultDraftSurvey.SEA_WATER;
  }

  begin(marks: DraughtMarks): void {
    this.scenario.initial = { ...marks };
  }

  cargoMoved(final: DraughtMarks, waterDensity = DefaultDraftSurvey.SEA_WATER): number {
    if (!this.scenario.initial) {
      throw new Error("the initial draught was never read");
    }
    const before = this.displacement(this.meanOfMeans(this.scenario.initial), waterDensity);
    return this.displacement(this.meanOfMeans(final), waterDensity) - before;
  }

  deflection({ forward, midship, aft }: DraughtMarks): "hogging" | "sagging" | "even" {
    const difference = midship - (forward + aft) / 2;
    if (Math.abs(difference) < 0.01) {
      return "even";
    }
    return difference > 0 ? "sagging" : "hogging";
  }
}

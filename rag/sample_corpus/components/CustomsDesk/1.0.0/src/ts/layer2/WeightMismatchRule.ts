import type { Declaration, RiskRule } from "../layer3/CustomsDesk.interface.js";

/** One point for each percent between declared and weighed mass, at most sixty. */
export class WeightMismatchRule implements RiskRule {
  readonly name = "weight mismatch";

  score({ declaredKilograms, weighedKilograms }: Declaration): number {
    if (declaredKilograms <= 0) {
      return 60;
    }
    const percent = (Math.abs(weighedKilograms - declaredKilograms) / declaredKilograms) * 100;
    return Math.min(60, Math.floor(percent));
  }
}

import { DefaultBerthPlanner } from "../layer2/DefaultBerthPlanner.js";
import type { BerthPlannerModel } from "../layer3/BerthPlanner.interface.js";
import type { Scenario } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";

export class BerthPlannerCLI {
  private planner = new DefaultBerthPlanner();

  load(scenario: Scenario<BerthPlannerModel>): this {
    this.planner.init(scenario);
    return this;
  }

  book(vessel: string, length: string, draught: string, earliest: string, duration: string): string {
    const numbers = [length, draught, earliest, duration].map(Number);
    if (numbers.some(Number.isNaN)) {
      return "length, draught, earliest and duration must be numbers";
    }
    const booking = this.planner.book({
      vessel,
      lengthMetres: numbers[0],
      draughtMetres: numbers[1],
      earliestMinute: numbers[2],
      durationMinutes: numbers[3],
    });
    return `${booking.vessel} -> ${booking.berthId} from ${booking.fromMinute} until ${booking.untilMinute}`;
  }
}

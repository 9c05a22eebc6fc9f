import type { Pilot, PilotRoster, PilotRosterScenario } from "../layer3/PilotRoster.interface.js";
import { Roster } from "./Roster.js";

/** Sends the rested pilot with the fewest hours whose licence covers the vessel. */
export class DefaultPilotRoster extends Roster<Pilot> implements PilotRoster {
  private uuid = "";
  private owner = "";
  private restHours = 8;
  private weeklyLimit = 40;

  constructor() {
    super();
  }

  init(scenario: PilotRosterScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.restHours = scenario.restHours;
    this.weeklyLimit = scenario.weeklyLimit;
    this.members = [];
    scenario.members.forEach((pilot) => this.join({ ...pilot }));
    return this;
  }

  toScenario(): PilotRosterScenario {
    return {
      uuid: this.uuid,
      owner: this.owner,
      restHours: this.restHours,
      weeklyLimit: this.weeklyLimit,
      members: this.members.map((pilot) => ({ ...pilot })),
    };
  }

  eligible(lengthMetres: number, atHour: number, dutyHours: number): Pilot[] {
    const candidates = this.members.filter(
      (pilot) =>
        pilot.maxLengthMetres >= lengthMetres &&
        atHour - pilot.lastDutyEnded >= this.restHours &&
        pilot.hoursThisWeek + dutyHours <= this.weeklyLimit,
    );
    return this.ranked(candidates);
  }

  assign(lengthMetres: number, atHour: number, dutyHours: number): Pilot {
    const [pilot] = this.eligible(lengthMetres, atHour, dutyHours);
    if (!pilot) {
      throw new Error(`no rested pilot for a vessel of ${lengthMetres} m at hour ${atHour}`);
    }
    pilot.lastDutyEnded = atHour + dutyHours;
    pilot.hoursThisWeek += dutyHours;
    return { ...pilot };
  }

  startNewWeek(): void {
    for (const pilot of this.members) {
      pilot.hoursThisWeek = 0;
    }
  }

  /** Spread of weekly hours: 0 when everybody worked the same. */
  fairness(): number {
    const hours = this.members.map((pilot) => pilot.hoursThisWeek);
    return hours.length === 0 ? 0 : Math.max(...hours) - Math.min(...hours);
  }

  protected compare(a: Pilot, b: Pilot): number {
    return a.hoursThisWeek - b.hoursThisWeek || a.maxLengthMetres - b.maxLengthMetres;
  }
}

import type { BoardRow, Departure, DepartureBoard, DepartureBoardScenario } from "../layer3/DepartureBoard.interface.js";
import { TimetableBoard } from "./TimetableBoard.js";

/** Departures in the order in which they will really leave, delays included. */
export class DefaultDepartureBoard extends TimetableBoard<Departure> implements DepartureBoard {
  private uuid = "";
  private owner = "";

  constructor() {
    super();
  }

  init(scenario: DepartureBoardScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.items = scenario.departures.map((departure) => ({ ...departure }));
    return this;
  }

  toScenario(): DepartureBoardScenario {
    return { uuid: this.uuid, owner: this.owner, departures: this.items.map((departure) => ({ ...departure })) };
  }

  announce(departure: Departure): void {
    if (this.items.some((known) => known.vessel === departure.vessel && !known.gone)) {
      throw new Error(`${departure.vessel} is already on the board`);
    }
    this.items.push({ ...departure });
  }

  delay(vessel: string, minutes: number): void {
    this.waiting(vessel).delayMinutes += minutes;
  }

  depart(vessel: string, minute: number): number {
    const departure = this.waiting(vessel);
    departure.gone = true;
    departure.delayMinutes = minute - departure.scheduledMinute;
    return departure.delayMinutes;
  }

  punctuality(toleranceMinutes: number): number {
    const gone = this.items.filter((departure) => departure.gone);
    const punctual = gone.filter((departure) => departure.delayMinutes <= toleranceMinutes);
    return gone.length === 0 ? 1 : punctual.length / gone.length;
  }

  protected dueMinute(departure: Departure): number {
    return departure.scheduledMinute + departure.delayMinutes;
  }

  protected isShown(departure: Departure, fromMinute: number): boolean {
    return !departure.gone && this.dueMinute(departure) >= fromMinute;
  }

  protected toRow(departure: Departure): BoardRow {
    const remark = departure.delayMinutes > 0 ? `expected ${this.clock(this.dueMinute(departure))}` : "on time";
    return {
      time: this.clock(departure.scheduledMinute),
      title: `${departure.vessel} to ${departure.destination}`,
      remark,
    };
  }

  private waiting(vessel: string): Departure {
    const departure = this.items.find((known) => known.vessel === vessel && !known.gone);
    if (!departure) {
      throw new Error(`${vessel} is not waiting to depart`);
    }
    return departure;
  }
}

import type { Scenario } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";
import type {
  Berth,
  BerthBooking,
  BerthPlanner,
  BerthPlannerModel,
  BookingRequest,
} from "../layer3/BerthPlanner.interface.js";

/** Books vessels onto berths so that no two stays overlap, turnaround time included. */
export class DefaultBerthPlanner implements BerthPlanner {
  private static readonly UNDER_KEEL_METRES = 0.5;
  private model: BerthPlannerModel = { uuid: "", owner: "", turnaroundMinutes: 0, berths: [], bookings: [] };

  constructor() {}

  init(scenario: Scenario<BerthPlannerModel>): this {
    this.model = structuredClone(scenario.model);
    return this;
  }

  toScenario(): Scenario<BerthPlannerModel> {
    return {
      ior: { uuid: this.model.uuid, component: "BerthPlanner", version: "1.0.0" },
      owner: this.model.owner,
      model: structuredClone(this.model),
    };
  }

  book(request: BookingRequest): BerthBooking {
    const candidates = this.model.berths
      .filter((berth) => this.fits(berth, request))
      .map((berth) => ({
        berth,
        start: this.firstFreeMinute(berth.id, request.earliestMinute, request.durationMinutes),
      }))
      .sort((a, b) => a.start - b.start || a.berth.lengthMetres - b.berth.lengthMetres);
    const best = candidates[0];
    if (!best) {
      throw new Error(`no berth takes ${request.vessel}: ${request.lengthMetres} m long, ${request.draughtMetres} m deep`);
    }
    const booking: BerthBooking = {
      vessel: request.vessel,
      berthId: best.berth.id,
      fromMinute: best.start,
      untilMinute: best.start + request.durationMinutes,
    };
    this.model.bookings.push(booking);
    return booking;
  }

  cancel(vessel: string): boolean {
    const before = this.model.bookings.length;
    this.model.bookings = this.model.bookings.filter((booking) => booking.vessel !== vessel);
    return this.model.bookings.length < before;
  }

  conflictsWith(booking: BerthBooking): BerthBooking[] {
    const gap = this.model.turnaroundMinutes;
    return this.model.bookings.filter(
      (other) =>
        other.berthId === booking.berthId &&
        other.fromMinute < booking.untilMinute + gap &&
        booking.fromMinute < other.untilMinute + gap,
    );
  }

  firstFreeMinute(berthId: string, earliest: number, duration: number): number {
    const gap = this.model.turnaroundMinutes;
    const stays = this.model.bookings
      .filter((booking) => booking.berthId === berthId)
      .sort((a, b) => a.fromMinute - b.fromMinute);
    let start = earliest;
    for (const stay of stays) {
      if (start + duration + gap <= stay.fromMinute) {
        break;
      }
      start = Math.max(start, stay.untilMinute + gap);
    }
    return start;
  }

  utilisation(berthId: string, fromMinute: number, untilMinute: number): number {
    const occupied = this.model.bookings
      .filter((booking) => booking.berthId === berthId)
      .map((b) => Math.min(b.untilMinute, untilMinute) - Math.max(b.fromMinute, fromMinute))
      .filter((minutes) => minutes > 0)
      .reduce((sum, minutes) => sum + minutes, 0);
    return occupied / (untilMinute - fromMinute);
  }

  private fits(berth: Berth, request: BookingRequest): boolean {
    return (
      berth.lengthMetres >= request.lengthMetres &&
      berth.depthMetres >= request.draughtMetres + DefaultBerthPlanner.UNDER_KEEL_METRES
    );
  }
}

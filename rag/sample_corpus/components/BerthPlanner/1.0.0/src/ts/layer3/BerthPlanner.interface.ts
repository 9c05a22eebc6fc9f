import type { ScenarioHolder } from "../../../../../HarbourClock/1.0.0/src/ts/layer3/Scenario.interface.js";

export interface Berth {
  id: string;
  lengthMetres: number;
  depthMetres: number;
}

export interface BerthBooking {
  vessel: string;
  berthId: string;
  fromMinute: number;
  untilMinute: number;
}

export interface BookingRequest {
  vessel: string;
  lengthMetres: number;
  draughtMetres: number;
  earliestMinute: number;
  durationMinutes: number;
}

export interface BerthPlannerModel {
  uuid: string;
  owner: string;
  turnaroundMinutes: number;
  berths: Berth[];
  bookings: BerthBooking[];
}

export interface BerthPlanner extends ScenarioHolder<BerthPlannerModel> {
  book(request: BookingRequest): BerthBooking;
  cancel(vessel: string): boolean;
  conflictsWith(booking: BerthBooking): BerthBooking[];
  firstFreeMinute(berthId: string, earliest: number, duration: number): number;
  utilisation(berthId: string, fromMinute: number, untilMinute: number): number;
}

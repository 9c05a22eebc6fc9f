import type { BerthBooking, BookingRequest } from "../../../../../BerthPlanner/1.0.0/src/ts/layer3/BerthPlanner.interface.js";

export type Clearance =
  | { granted: true; booking: BerthBooking; pilot: string; entryHour: number }
  | { granted: false; reasons: string[] };

export interface ArrivalRequest extends BookingRequest {
  milesToGo: number;
  reportedKnots: number;
}

export interface HarbourMasterScenario {
  uuid: string;
  owner: string;
  windLimitKnots: number;
  decisions: Array<{ vessel: string; granted: boolean }>;
}

export interface HarbourMaster {
  init(scenario: HarbourMasterScenario): this;
  toScenario(): HarbourMasterScenario;
  clear(request: ArrivalRequest, now: number): Promise<Clearance>;
  grantedShare(): number;
}

import type { ArrivalRequest, HarbourMaster } from "../layer3/HarbourMaster.interface.js";

/** Handles arrival requests one after the other, so that two never race for one berth. */
export class ClearanceController {
  private queue: Promise<unknown> = Promise.resolve();

  submit(master: HarbourMaster, request: ArrivalRequest, now: number): Promise<string> {
    const answer = this.queue.then(async () => {
      const clearance = await master.clear(request, now);
      return clearance.granted
        ? `${request.vessel} cleared for ${clearance.booking.berthId} with pilot ${clearance.pilot}`
        : `${request.vessel} refused: ${clearance.reasons.join("; ")}`;
    });
    this.queue = answer.catch(() => undefined);
    return answer;
  }
}

import type { TimeSource } from "../layer3/HarbourClock.interface.js";

export class SystemTimeSource implements TimeSource {
  nowMs(): number {
    return Date.now();
  }
}

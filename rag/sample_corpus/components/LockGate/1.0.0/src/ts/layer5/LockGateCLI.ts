import { DefaultLockGate } from "../layer2/DefaultLockGate.js";
import type { GateEvent } from "../layer3/LockGate.interface.js";

export class LockGateCLI {
  private readonly gate = new DefaultLockGate();

  execute(events: string[]): string {
    for (const event of events) {
      if (!this.gate.can(event as GateEvent)) {
        return `refused: ${event} while ${this.gate.toScenario().phase}`;
      }
      this.gate.fire(event as GateEvent);
    }
    return this.gate.toScenario().phase;
  }
}

import type { GateEvent, GatePhase, LockGate, LockGateScenario } from "../layer3/LockGate.interface.js";

/** The sea lock as a state machine: a gate opens only when the water is level on both sides. */
export class DefaultLockGate implements LockGate {
  private static readonly TRANSITIONS: Record<GatePhase, Partial<Record<GateEvent, GatePhase>>> = {
    "closed-low": { open: "open-low", fill: "filling" },
    "open-low": { close: "closed-low" },
    filling: { level: "closed-high", drain: "draining" },
    "closed-high": { open: "open-high", drain: "draining" },
    "open-high": { close: "closed-high" },
    draining: { level: "closed-low", fill: "filling" },
  };
  private state: LockGateScenario = { uuid: "", owner: "", phase: "closed-low", history: [] };

  constructor() {}

  init(scenario: LockGateScenario): this {
    this.state = { ...scenario, history: [...scenario.history] };
    return this;
  }

  toScenario(): LockGateScenario {
    return { ...this.state, history: [...this.state.history] };
  }

  can(event: GateEvent): boolean {
    return DefaultLockGate.TRANSITIONS[this.state.phase][event] !== undefined;
  }

  fire(event: GateEvent): GatePhase {
    const next = DefaultLockGate.TRANSITIONS[this.state.phase][event];
    if (next === undefined) {
      throw new Error(`cannot ${event} while the lock is ${this.state.phase}`);
    }
    this.state.phase = next;
    this.state.history.push(event);
    return next;
  }

  /** Shortest list of events that lets a vessel in on one side and out on the other. */
  passage(upstream: boolean): GateEvent[] {
    const [entry, exit]: GatePhase[] = upstream ? ["open-low", "open-high"] : ["open-high", "open-low"];
    return [...this.route(this.state.phase, entry), ...this.route(entry, exit)];
  }

  isPassable(): boolean {
    return this.state.phase.startsWith("open");
  }

  private route(from: GatePhase, to: GatePhase): GateEvent[] {
    const seen = new Set<GatePhase>([from]);
    const frontier: Array<{ phase: GatePhase; path: GateEvent[] }> = [{ phase: from, path: [] }];
    for (const { phase, path } of frontier) {
      if (phase === to) {
        return path;
      }
      for (const [event, next] of Object.entries(DefaultLockGate.TRANSITIONS[phase])) {
        if (!seen.has(next)) {
          seen.add(next);
          frontier.push({ phase: next, path: [...path, event as GateEvent] });
        }
      }
    }
    throw new Error(`no way from ${from} to ${to}`);
  }
}

export type GatePhase = "closed-low" | "filling" | "closed-high" | "draining" | "open-low" | "open-high";
export type GateEvent = "open" | "close" | "fill" | "drain" | "level";

export interface LockGateScenario {
  uuid: string;
  owner: string;
  phase: GatePhase;
  history: GateEvent[];
}

export interface LockGate {
  init(scenario: LockGateScenario): this;
  toScenario(): LockGateScenario;
  can(event: GateEvent): boolean;
  fire(event: GateEvent): GatePhase;
  passage(upstream: boolean): GateEvent[];
  isPassable(): boolean;
}

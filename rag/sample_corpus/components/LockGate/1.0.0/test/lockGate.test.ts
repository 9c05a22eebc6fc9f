import { describe, expect, it } from "vitest";
import { DefaultLockGate } from "../src/ts/layer2/DefaultLockGate.js";
import { LockGateCLI } from "../src/ts/layer5/LockGateCLI.js";

describe("LockGate", () => {
  it("never opens while the chamber fills", () => {
    const gate = new DefaultLockGate();
    gate.fire("fill");
    expect(gate.can("open")).toBe(false);
    expect(() => gate.fire("open")).toThrow("cannot open while the lock is filling");
  });

  it("plans an upstream passage that really works", () => {
    const gate = new DefaultLockGate();
    const steps = gate.passage(true);
    expect(steps).toEqual(["open", "close", "fill", "level", "open"]);
    steps.forEach((event) => gate.fire(event));
    expect(gate.toScenario().phase).toBe("open-high");
    expect(gate.isPassable()).toBe(true);
  });

  it("plans downstream from wherever the lock stands", () => {
    const gate = new DefaultLockGate().init({ uuid: "l-1", owner: "lock", phase: "draining", history: [] });
    const steps = gate.passage(false);
    expect(steps.slice(0, 3)).toEqual(["fill", "level", "open"]);
    expect(steps.at(-1)).toBe("open");
  });

  it("remembers its history across hibernation", () => {
    const gate = new DefaultLockGate();
    gate.fire("open");
    expect(new DefaultLockGate().init(gate.toScenario()).toScenario().history).toEqual(["open"]);
  });

  it("reports the refused command", () => {
    expect(new LockGateCLI().execute(["fill", "open"])).toBe("refused: open while filling");
  });
});

import { describe, expect, it } from "vitest";
import { DefaultAlarmBell } from "../src/ts/layer2/DefaultAlarmBell.js";

describe("AlarmBell", () => {
  it("escalates while nobody answers", () => {
    const bell = new DefaultAlarmBell();
    bell.raise("fire on pontoon 3", 0);
    expect(bell.tick(4)).toBe(1);
    expect(bell.tick(5)).toBe(2);
    expect(bell.tick(60)).toBe(3);
    expect(bell.pattern()).toBe("ring ring ring");
  });

  it("holds its level once acknowledged, unless a new cause appears", () => {
    const bell = new DefaultAlarmBell();
    bell.raise("flood", 0);
    bell.acknowledge("duty officer");
    expect(bell.tick(60)).toBe(1);
    expect(bell.raise("flood", 61)).toBe(1);
    expect(bell.raise("power loss", 62)).toBe(2);
  });

  it("cannot be silenced unheard", () => {
    const bell = new DefaultAlarmBell();
    bell.raise("flood", 0);
    expect(() => bell.silence()).toThrow(/acknowledged before/);
    bell.acknowledge("duty officer");
    bell.silence();
    expect(bell.isActive).toBe(false);
    expect(() => bell.acknowledge("duty officer")).toThrow(/no alarm/);
  });

  it("counts activations, not causes", () => {
    const bell = new DefaultAlarmBell();
    bell.raise("flood", 0);
    bell.raise("power loss", 1);
    expect(bell.activationCount).toBe(1);
  });
});

import { describe, expect, it } from "vitest";
import { DefaultSignalMast } from "../src/ts/layer2/DefaultSignalMast.js";

describe("SignalMast", () => {
  it("replaces repeated letters by substitutes", () => {
    expect(DefaultSignalMast.forPort("tidewater").hoist("toot")).toEqual(["Teak", "Oak", "Substitute-2", "Substitute-1"]);
  });

  it.each(["HARBOUR", "SEES", "Zzz"])("reads back %s", (message) => {
    const mast = DefaultSignalMast.forPort("tidewater");
    expect(mast.decode(mast.hoist(message))).toBe(message.toUpperCase());
  });

  it("rejects a flag nobody knows", () => {
    expect(() => DefaultSignalMast.forPort("tidewater").decode(["Towel"])).toThrow("unknown flag Towel");
  });

  it("goes dark when lowered", () => {
    const mast = DefaultSignalMast.forPort("tidewater");
    mast.hoist("ok");
    expect(mast.isActive).toBe(true);
    mast.lower();
    expect(mast.pattern()).toBe("bare mast");
    expect(() => mast.hoist("123")).toThrow(/at least one letter/);
  });
});

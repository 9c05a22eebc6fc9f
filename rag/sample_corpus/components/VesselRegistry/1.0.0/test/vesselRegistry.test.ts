import { beforeEach, describe, expect, it } from "vitest";
import { DefaultVesselRegistry } from "../src/ts/layer2/DefaultVesselRegistry.js";

describe("VesselRegistry", () => {
  const kittiwake = { imo: "1234567", name: "Kittiwake", callSign: "TWKA1", flag: "NL", lengthMetres: 88 };
  let registry: DefaultVesselRegistry;

  beforeEach(() => {
    registry = new DefaultVesselRegistry().init({ uuid: "r-1", owner: "registry", vessels: [kittiwake] });
  });

  it("finds a vessel whatever the case of the call sign", () => {
    expect(registry.findByCallSign("twka1")?.name).toBe("Kittiwake");
  });

  it("rejects a number whose check digit is wrong", () => {
    expect(() => registry.register({ ...kittiwake, imo: "1234568" })).toThrow(/not a valid IMO number/);
  });

  it("rejects a call sign held by another vessel", () => {
    expect(() => registry.register({ ...kittiwake, imo: "7654329" })).toThrow(/already belongs/);
  });

  it("frees the old call sign when a vessel changes it", () => {
    registry.register({ ...kittiwake, callSign: "TWKA2" });
    expect(registry.findByCallSign("TWKA1")).toBeUndefined();
    expect(registry.findByCallSign("TWKA2")?.imo).toBe("1234567");
  });

  it("keeps a new name through hibernation", () => {
    registry.rename("1234567", "Black-headed Gull");
    const woken = new DefaultVesselRegistry().init(registry.toScenario());
    expect(woken.search("gull")).toHaveLength(1);
    expect(woken.countByFlag().get("NL")).toBe(1);
  });
});

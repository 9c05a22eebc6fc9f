import { describe, expect, it } from "vitest";
import { DefaultPermitOffice } from "../src/ts/layer2/DefaultPermitOffice.js";
import type { Authority } from "../src/ts/layer3/PermitOffice.interface.js";

describe("PermitOffice", () => {
  const says = (name: string, agreed: boolean): Authority => ({
    name,
    decide: async () => ({ agreed, remark: agreed ? "no objection" : "too windy" }),
  });
  const unreachable: Authority = {
    name: "fire brigade",
    decide: async () => {
      throw new Error("line busy");
    },
  };

  it("grants when all agree and lets the permit expire", async () => {
    const office = DefaultPermitOffice.empty("tidewater").consult("diving", says("pilotage", true), says("traffic", true));
    const { id } = office.request("diving", "Sponge Ltd", 500);
    await expect(office.process(id)).resolves.toBe("granted");
    expect(office.holds("Sponge Ltd", "diving", 500)).toBe(true);
    expect(office.holds("Sponge Ltd", "diving", 501)).toBe(false);
    expect(office.toScenario().permits[0].status).toBe("expired");
  });

  it("refuses when one objects and keeps every remark", async () => {
    const office = DefaultPermitOffice.empty("tidewater").consult("fireworks", says("traffic", true), says("weather", false));
    const { id } = office.request("fireworks", "Regatta Club", 500);
    expect(await office.process(id)).toBe("refused");
    expect(office.toScenario().permits[0].remarks).toEqual(["traffic: no objection", "weather: too windy"]);
  });

  it("treats silence of an authority as a refusal", async () => {
    const office = DefaultPermitOffice.empty("tidewater").consult("hot-work", unreachable);
    expect(await office.process(office.request("hot-work", "Weld & Son", 9).id)).toBe("refused");
  });

  it("never decides twice, and never without an authority", async () => {
    const office = DefaultPermitOffice.empty("tidewater");
    const { id } = office.request("night-arrival", "Dunlin", 9);
    expect(await office.process(id)).toBe("refused");
    await expect(office.process(id)).rejects.toThrow(/not waiting/);
  });
});

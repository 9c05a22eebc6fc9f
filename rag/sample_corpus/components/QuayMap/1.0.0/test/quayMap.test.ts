import { beforeEach, describe, expect, it } from "vitest";
import { DefaultQuayMap } from "../src/ts/layer2/DefaultQuayMap.js";
import { QuayMapCLI } from "../src/ts/layer5/QuayMapCLI.js";

describe("QuayMap", () => {
  const scenario = {
    uuid: "qm-1",
    owner: "quay",
    closed: [],
    roads: [
      { from: "gate", to: "bridge", metres: 100, maxTonnes: 20 },
      { from: "bridge", to: "crane", metres: 100, maxTonnes: 20 },
      { from: "gate", to: "ring", metres: 300, maxTonnes: 80 },
      { from: "ring", to: "crane", metres: 250, maxTonnes: 80 },
      { from: "island", to: "hut", metres: 5, maxTonnes: 1 },
    ],
  };
  let map: DefaultQuayMap;

  beforeEach(() => {
    map = new DefaultQuayMap().init(scenario);
  });

  it("takes the short way over the bridge", () => {
    expect(map.route("gate", "crane")).toEqual({ stops: ["gate", "bridge", "crane"], metres: 200 });
  });

  it("sends heavy loads round the ring road", () => {
    expect(map.route("gate", "crane", 60)?.metres).toBe(550);
  });

  it("has no answer when everything is closed", () => {
    map.close("bridge");
    map.close("ring");
    expect(map.route("gate", "crane")).toBeUndefined();
    map.reopen("ring");
    expect(map.route("gate", "crane")?.stops).toContain("ring");
  });

  it("knows what can be reached", () => {
    expect(map.reachable("gate")).toEqual(new Set(["gate", "bridge", "ring", "crane"]));
  });

  it("prints directions", () => {
    const cli = new QuayMapCLI().start(scenario);
    expect(cli.directions("gate", "bridge")).toBe("gate > bridge (100 m)");
    expect(cli.directions("gate", "crane", "90")).toBe("no road from gate to crane for 90 t");
  });
});

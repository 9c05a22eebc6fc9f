import { beforeEach, describe, expect, it } from "@jest/globals";
import { DefaultCargoManifest } from "../src/ts/layer2/DefaultCargoManifest.js";

describe("CargoManifest", () => {
  let manifest: DefaultCargoManifest;

  beforeEach(() => {
    manifest = new DefaultCargoManifest().init({ uuid: "cm-1", owner: "terminal", voyage: "TW-117", items: [] });
    manifest
      .load({ container: "TWDU1001", consignee: "Saltmarsh Foods", kilograms: 12_000, hazard: "none", bay: 1 })
      .load({ container: "TWDU1002", consignee: "Groyne Chemicals", kilograms: 18_500, hazard: "flammable", bay: 2 });
  });

  it("adds up the weight", () => {
    expect(manifest.totalKilograms()).toBe(30_500);
  });

  it("separates flammables from oxidisers by three bays", () => {
    manifest.load({ container: "TWDU1003", consignee: "Groyne Chemicals", kilograms: 9_000, hazard: "oxidiser", bay: 4 });
    expect(manifest.segregationConflicts()).toEqual([["TWDU1002", "TWDU1003"]]);
  });

  it("groups by consignee", () => {
    expect([...manifest.byConsignee().keys()]).toEqual(["Saltmarsh Foods", "Groyne Chemicals"]);
  });

  it("knows the heaviest bay", () => {
    expect(manifest.heaviestBay()).toBe(2);
  });

  it("loads no container twice", () => {
    const [item] = manifest.toScenario().items;
    expect(() => manifest.load(item)).toThrow(/already on voyage TW-117/);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { DefaultTugDispatcher } from "../src/ts/layer2/DefaultTugDispatcher.js";
import { TugDispatcherCLI } from "../src/ts/layer5/TugDispatcherCLI.js";

describe("TugDispatcher", () => {
  const pier = { latitude: 53.5, longitude: 8.1 };
  const fleet = {
    uuid: "tg-1",
    owner: "towage",
    speedKnots: 10,
    tugs: [
      { name: "Walrus", position: { latitude: 53.6, longitude: 8.1 }, bollardPullTonnes: 60, busyWith: null },
      { name: "Otter", position: { latitude: 53.51, longitude: 8.1 }, bollardPullTonnes: 30, busyWith: null },
      { name: "Seal", position: { latitude: 53.52, longitude: 8.1 }, bollardPullTonnes: 30, busyWith: null },
    ],
  };
  let dispatcher: DefaultTugDispatcher;

  beforeEach(() => {
    dispatcher = new DefaultTugDispatcher().init(fleet);
  });

  it("takes the nearest tugs until the pull suffices", () => {
    expect(dispatcher.dispatch("Fulmar", pier, 50).map((tug) => tug.name)).toEqual(["Otter", "Seal"]);
  });

  it("does not send a busy tug twice", () => {
    dispatcher.dispatch("Fulmar", pier, 50);
    expect(() => dispatcher.dispatch("Gannet", pier, 80)).toThrow(/only 60 t are free/);
    expect(dispatcher.release("Fulmar")).toBe(2);
    expect(dispatcher.dispatch("Gannet", pier, 80)).toHaveLength(3);
  });

  it("asks for more pull in a strong wind", () => {
    expect(dispatcher.requiredPull(50_000, 10)).toBe(70);
    expect(dispatcher.requiredPull(50_000, 40)).toBe(105);
  });

  it("needs about 36 minutes for six nautical miles", () => {
    expect(dispatcher.minutesUntil("Walrus", pier)).toBeCloseTo(36, 0);
  });

  it("names the team on the command line", () => {
    expect(new TugDispatcherCLI().start(fleet).assist("Dunlin", 53.5, 8.1, 10_000, 5)).toBe("Dunlin: Otter + Seal for 46 t");
  });
});

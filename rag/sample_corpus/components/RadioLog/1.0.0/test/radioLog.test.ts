import { beforeEach, describe, expect, it } from "vitest";
import { DefaultRadioLog } from "../src/ts/layer2/DefaultRadioLog.js";

describe("RadioLog", () => {
  let log: DefaultRadioLog;

  beforeEach(() => {
    log = new DefaultRadioLog("traffic");
    log.record({ minute: 1, channel: 12, from: "Dunlin", to: "Control", text: "Request berth North 1" });
    log.record({ minute: 2, channel: 12, from: "Control", to: "Dunlin", text: "Berth North 1 is free" });
    log.record({ minute: 9, channel: 14, from: "Fulmar", to: "Control", text: "Engine failure, request tug" });
  });

  it("collects both sides of a conversation", () => {
    expect(log.conversation("Control", "Dunlin")).toHaveLength(2);
  });

  it("finds the call nobody answered", () => {
    expect(log.unanswered(5).map((call) => call.from)).toEqual(["Fulmar"]);
  });

  it("searches for all words, whatever their case", () => {
    expect(log.search("BERTH north")).toHaveLength(2);
    expect(log.search("request tug")).toHaveLength(1);
    expect(log.search("...")).toEqual([]);
  });

  it("knows the busiest channel", () => {
    expect(log.busiestChannel()).toBe(12);
    expect(new DefaultRadioLog().busiestChannel()).toBeUndefined();
  });

  it("rebuilds its index from a scenario", () => {
    expect(new DefaultRadioLog().init(log.toScenario()).search("engine")).toHaveLength(1);
  });
});

import { describe, expect, it } from "vitest";
import { MemoryLedgerStore } from "../src/ts/layer1/MemoryLedgerStore.js";
import { DefaultMooringLedger } from "../src/ts/layer2/DefaultMooringLedger.js";

describe("MooringLedger", () => {
  const fresh = () => new DefaultMooringLedger().init({ model: { uuid: "m-1", owner: "linesmen", stock: 20, entries: [] } });

  it("balances issued and returned lines", () => {
    const ledger = fresh();
    ledger.issue("Fulmar", 8);
    ledger.giveBack("Fulmar", 3);
    expect(ledger.linesHeldBy("Fulmar")).toBe(5);
    expect(ledger.available()).toBe(15);
  });

  it("never issues more than the stock", () => {
    const ledger = fresh();
    ledger.issue("Fulmar", 18);
    expect(() => ledger.issue("Gannet", 3)).toThrow(/only 2 lines left/);
  });

  it("takes back no more than was issued", () => {
    expect(() => fresh().giveBack("Gannet", 1)).toThrow(/holds 0 lines/);
  });

  it("notices a tampered entry after it was stored", () => {
    const ledger = fresh();
    ledger.issue("Fulmar", 4);
    ledger.issue("Gannet", 6);
    const store = new MemoryLedgerStore();
    store.write(ledger.toScenario().model);
    const model = store.read("m-1")!;
    expect(new DefaultMooringLedger().init({ model }).firstBrokenSeal()).toBeUndefined();
    model.entries[0].lines = 2;
    expect(new DefaultMooringLedger().init({ model }).firstBrokenSeal()).toBe(1);
  });
});

import type { FuelBatch, FuelDepot, FuelDepotScenario } from "../layer3/FuelDepot.interface.js";

/** Sells reserved fuel first in, first out, each litre at the price of its own delivery. */
export class DefaultFuelDepot implements FuelDepot {
  private uuid = "";
  private owner = "";
  private reorderLitres = 0;
  private batches: FuelBatch[] = [];
  private reserved = new Map<string, number>();

  constructor() {}

  init(scenario: FuelDepotScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.reorderLitres = scenario.reorderLitres;
    this.batches = scenario.batches.map((batch) => ({ ...batch }));
    this.reserved = new Map(Object.entries(scenario.reserved));
    return this;
  }

  toScenario(): FuelDepotScenario {
    return {
      uuid: this.uuid,
      owner: this.owner,
      reorderLitres: this.reorderLitres,
      batches: this.batches.map((batch) => ({ ...batch })),
      reserved: Object.fromEntries(this.reserved),
    };
  }

  deliver(batch: FuelBatch): void {
    if (batch.litres <= 0) {
      throw new RangeError(`delivery ${batch.delivery} is empty`);
    }
    this.batches.push({ ...batch });
  }

  reserve(vessel: string, litres: number): void {
    if (litres > this.free()) {
      throw new Error(`${vessel} asked for ${litres} l, only ${this.free()} l are free`);
    }
    this.reserved.set(vessel, (this.reserved.get(vessel) ?? 0) + litres);
  }

  bunker(vessel: string): { litres: number; cents: number; from: string[] } {
    const litres = this.reserved.get(vessel);
    if (litres === undefined) {
      throw new Error(`${vessel} has no reservation`);
    }
    this.reserved.delete(vessel);
    const bill = { litres, cents: 0, from: [] as string[] };
    let open = litres;
    while (open > 0) {
      const batch = this.batches[0];
      const taken = Math.min(open, batch.litres);
      bill.cents += taken * batch.centsPerLitre;
      bill.from.push(batch.delivery);
      batch.litres -= taken;
      open -= taken;
      if (batch.litres === 0) {
        this.batches.shift();
      }
    }
    return bill;
  }

  free(): number {
    const stored = this.batches.reduce((sum, batch) => sum + batch.litres, 0);
    const promised = [...this.reserved.values()].reduce((sum, litres) => sum + litres, 0);
    return stored - promised;
  }

  needsDelivery(): boolean {
    return this.free() < this.reorderLitres;
  }
}

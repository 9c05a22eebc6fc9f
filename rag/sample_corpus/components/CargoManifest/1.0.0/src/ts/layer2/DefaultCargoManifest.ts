import type { CargoItem, CargoManifest, CargoManifestScenario, HazardClass } from "../layer3/CargoManifest.interface.js";

/** What is on board, for whom, and which dangerous goods stand too close together. */
export class DefaultCargoManifest implements CargoManifest {
  private static readonly MINIMUM_BAYS: ReadonlyArray<[HazardClass, HazardClass, number]> = [
    ["flammable", "oxidiser", 3],
    ["flammable", "corrosive", 2],
    ["oxidiser", "corrosive", 1],
  ];
  private uuid = "";
  private owner = "";
  private voyage = "";
  private items = new Map<string, CargoItem>();

  constructor() {}

  init(scenario: CargoManifestScenario): this {
    ({ uuid: this.uuid, owner: this.owner, voyage: this.voyage } = scenario);
    this.items = new Map(scenario.items.map((item) => [item.container, { ...item }]));
    return this;
  }

  toScenario(): CargoManifestScenario {
    return { uuid: this.uuid, owner: this.owner, voyage: this.voyage, items: [...this.items.values()] };
  }

  load(item: CargoItem): this {
    if (this.items.has(item.container)) {
      throw new Error(`${item.container} is already on voyage ${this.voyage}`);
    }
    this.items.set(item.container, { ...item });
    return this;
  }

  totalKilograms(): number {
    let total = 0;
    for (const item of this.items.values()) {
      total += item.kilograms;
    }
    return total;
  }

  byConsignee(): Map<string, CargoItem[]> {
    const groups = new Map<string, CargoItem[]>();
    for (const item of this.items.values()) {
      const group = groups.get(item.consignee) ?? [];
      group.push(item);
      groups.set(item.consignee, group);
    }
    return groups;
  }

  segregationConflicts(): Array<[string, string]> {
    const items = [...this.items.values()];
    const conflicts: Array<[string, string]> = [];
    items.forEach((first, index) => {
      for (const second of items.slice(index + 1)) {
        if (Math.abs(first.bay - second.bay) < this.requiredBays(first.hazard, second.hazard)) {
          conflicts.push([first.container, second.container]);
        }
      }
    });
    return conflicts;
  }

  heaviestBay(): number | undefined {
    const weights = new Map<number, number>();
    for (const { bay, kilograms } of this.items.values()) {
      weights.set(bay, (weights.get(bay) ?? 0) + kilograms);
    }
    return [...weights].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  private requiredBays(a: HazardClass, b: HazardClass): number {
    const rule = DefaultCargoManifest.MINIMUM_BAYS.find(
      ([left, right]) => (left === a && right === b) || (left === b && right === a),
    );
    return rule ? rule[2] : 0;
  }
}

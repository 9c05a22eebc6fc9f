import type { VesselEntry, VesselRegistry, VesselRegistryScenario } from "../layer3/VesselRegistry.interface.js";

/** Knows every vessel that ever called, indexed by IMO number and by call sign. */
export class DefaultVesselRegistry implements VesselRegistry {
  private uuid = "";
  private owner = "";
  private readonly byImo = new Map<string, VesselEntry>();
  private readonly byCallSign = new Map<string, string>();

  constructor() {}

  init(scenario: VesselRegistryScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.byImo.clear();
    this.byCallSign.clear();
    scenario.vessels.forEach((entry) => this.register(entry));
    return this;
  }

  toScenario(): VesselRegistryScenario {
    const vessels = [...this.byImo.values()].map((entry) => ({ ...entry }));
    return { uuid: this.uuid, owner: this.owner, vessels };
  }

  register(entry: VesselEntry): void {
    if (!DefaultVesselRegistry.hasValidChecksum(entry.imo)) {
      throw new Error(`${entry.imo} is not a valid IMO number`);
    }
    const callSign = entry.callSign.toUpperCase();
    const holder = this.byCallSign.get(callSign);
    if (holder !== undefined && holder !== entry.imo) {
      throw new Error(`call sign ${callSign} already belongs to ${holder}`);
    }
    const previous = this.byImo.get(entry.imo);
    if (previous) {
      this.byCallSign.delete(previous.callSign);
    }
    this.byImo.set(entry.imo, { ...entry, callSign });
    this.byCallSign.set(callSign, entry.imo);
  }

  findByCallSign(callSign: string): VesselEntry | undefined {
    const imo = this.byCallSign.get(callSign.toUpperCase());
    return imo === undefined ? undefined : this.byImo.get(imo);
  }

  rename(imo: string, name: string): VesselEntry {
    const entry = this.byImo.get(imo);
    if (!entry) {
      throw new Error(`no vessel with IMO number ${imo}`);
    }
    const renamed = { ...entry, name };
    this.byImo.set(imo, renamed);
    return renamed;
  }

  search(text: string): VesselEntry[] {
    const needle = text.trim().toLowerCase();
    return [...this.byImo.values()]
      .filter((entry) => entry.name.toLowerCase().includes(needle))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  countByFlag(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { flag } of this.byImo.values()) {
      counts.set(flag, (counts.get(flag) ?? 0) + 1);
    }
    return counts;
  }

  /** The last of seven digits is the unit digit of the others weighted 7 down to 2. */
  private static hasValidChecksum(imo: string): boolean {
    if (!/^\d{7}$/.test(imo)) {
      return false;
    }
    const sum = [...imo.slice(0, 6)].reduce((total, digit, index) => total + Number(digit) * (7 - index), 0);
    return sum % 10 === Number(imo[6]);
  }
}

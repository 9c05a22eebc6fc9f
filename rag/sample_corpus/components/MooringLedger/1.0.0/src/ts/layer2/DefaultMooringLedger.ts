import type { LedgerEntry, MooringLedger, MooringLedgerModel } from "../layer3/MooringLedger.interface.js";

/** Append-only account of mooring lines; each entry is sealed with the one before it. */
export class DefaultMooringLedger implements MooringLedger {
  #model: MooringLedgerModel = { uuid: "", owner: "", stock: 0, entries: [] };

  constructor() {}

  init(scenario: { model: MooringLedgerModel }): this {
    this.#model = structuredClone(scenario.model);
    return this;
  }

  toScenario(): { model: MooringLedgerModel } {
    return { model: structuredClone(this.#model) };
  }

  issue(vessel: string, lines: number): LedgerEntry {
    if (lines > this.available()) {
      throw new Error(`only ${this.available()} lines left, ${vessel} asked for ${lines}`);
    }
    return this.#append(vessel, lines, "issued");
  }

  giveBack(vessel: string, lines: number): LedgerEntry {
    const held = this.linesHeldBy(vessel);
    if (lines > held) {
      throw new Error(`${vessel} holds ${held} lines and cannot return ${lines}`);
    }
    return this.#append(vessel, -lines, "returned");
  }

  linesHeldBy(vessel: string): number {
    return this.#model.entries
      .filter((entry) => entry.vessel === vessel)
      .reduce((sum, entry) => sum + entry.lines, 0);
  }

  available(): number {
    return this.#model.stock - this.#model.entries.reduce((sum, entry) => sum + entry.lines, 0);
  }

  firstBrokenSeal(): number | undefined {
    let previous = "";
    for (const entry of this.#model.entries) {
      if (entry.seal !== this.#seal(previous, entry)) {
        return entry.sequence;
      }
      previous = entry.seal;
    }
    return undefined;
  }

  #append(vessel: string, lines: number, reason: string): LedgerEntry {
    if (!Number.isInteger(lines) || lines === 0) {
      throw new RangeError("a ledger entry moves a whole number of lines");
    }
    const entry = { sequence: this.#model.entries.length + 1, vessel, lines, reason, seal: "" };
    entry.seal = this.#seal(this.#model.entries.at(-1)?.seal ?? "", entry);
    this.#model.entries.push(entry);
    return { ...entry };
  }

  /** FNV-1a over the previous seal and the entry's own facts. */
  #seal(previous: string, entry: LedgerEntry): string {
    const text = [previous, entry.sequence, entry.vessel, entry.lines, entry.reason].join("|");
    let hash = 0x811c9dc5;
    for (const character of text) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
    }
    return hash.toString(16).padStart(8, "0");
  }
}

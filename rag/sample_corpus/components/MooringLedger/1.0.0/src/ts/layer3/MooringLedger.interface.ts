export interface LedgerEntry {
  sequence: number;
  vessel: string;
  lines: number;
  reason: string;
  seal: string;
}

export interface MooringLedgerModel {
  uuid: string;
  owner: string;
  stock: number;
  entries: LedgerEntry[];
}

export interface LedgerStore {
  write(model: MooringLedgerModel): void;
  read(uuid: string): MooringLedgerModel | undefined;
}

export interface MooringLedger {
  init(scenario: { model: MooringLedgerModel }): this;
  toScenario(): { model: MooringLedgerModel };
  issue(vessel: string, lines: number): LedgerEntry;
  giveBack(vessel: string, lines: number): LedgerEntry;
  linesHeldBy(vessel: string): number;
  available(): number;
  firstBrokenSeal(): number | undefined;
}

import type { LedgerStore, MooringLedgerModel } from "../layer3/MooringLedger.interface.js";

export class MemoryLedgerStore implements LedgerStore {
  private readonly pages = new Map<string, string>();

  write(model: MooringLedgerModel): void {
    this.pages.set(model.uuid, JSON.stringify(model));
  }

  read(uuid: string): MooringLedgerModel | undefined {
    const page = this.pages.get(uuid);
    return page === undefined ? undefined : (JSON.parse(page) as MooringLedgerModel);
  }
}

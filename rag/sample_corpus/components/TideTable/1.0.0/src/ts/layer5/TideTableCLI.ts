import { DefaultTideTable } from "../layer2/DefaultTideTable.js";
import type { TideTable } from "../layer3/TideTable.interface.js";

export class TideTableCLI {
  private table: TideTable = new DefaultTideTable();

  use(table: TideTable): this {
    this.table = table;
    return this;
  }

  highWater(afterHour: string): string {
    const { hour, height } = this.table.nextHighWater(Number(afterHour));
    return `high water in ${(hour - Number(afterHour)).toFixed(1)} h: ${height.toFixed(2)} m`;
  }

  passable(draught: string, clearance: string): string[] {
    const needed = Number(draught) + Number(clearance);
    return this.table
      .windowsAbove(needed, 0, 24)
      .map((window) => `${window.fromHour.toFixed(1)}-${window.untilHour.toFixed(1)}`);
  }
}

import type { BoardRow } from "../layer3/DepartureBoard.interface.js";

/** Template of a board: subclasses say when an item is due and how it reads. */
export abstract class TimetableBoard<Item> {
  protected items: Item[] = [];

  constructor() {}

  rows(fromMinute: number, limit: number): BoardRow[] {
    return this.items
      .filter((item) => this.isShown(item, fromMinute))
      .sort((a, b) => this.dueMinute(a) - this.dueMinute(b))
      .slice(0, limit)
      .map((item) => this.toRow(item));
  }

  protected abstract dueMinute(item: Item): number;
  protected abstract isShown(item: Item, fromMinute: number): boolean;
  protected abstract toRow(item: Item): BoardRow;

  protected clock(minute: number): string {
    const wrapped = ((minute % 1440) + 1440) % 1440;
    return [Math.floor(wrapped / 60), wrapped % 60].map((part) => String(part).padStart(2, "0")).join(":");
  }
}

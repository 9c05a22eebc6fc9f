import type { BoardRow, DepartureBoard } from "../layer3/DepartureBoard.interface.js";

/** Lays the rows of a board out in columns of equal width. */
export class BoardPresenter {
  private width = 32;

  wide(width: number): this {
    this.width = width;
    return this;
  }

  present(board: DepartureBoard, fromMinute: number): string[] {
    return board.rows(fromMinute, 8).map((row) => this.line(row));
  }

  private line({ time, title, remark }: BoardRow): string {
    const room = this.width - time.length - 1;
    const text = title.length > room ? `${title.slice(0, room - 1)}~` : title.padEnd(room);
    return `${time} ${text} ${remark}`;
  }
}

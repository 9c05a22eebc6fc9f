import { beforeEach, describe, expect, it } from "vitest";
import { DefaultDepartureBoard } from "../src/ts/layer2/DefaultDepartureBoard.js";
import { DepartureBoardCLI } from "../src/ts/layer5/DepartureBoardCLI.js";

describe("DepartureBoard", () => {
  let board: DefaultDepartureBoard;

  beforeEach(() => {
    board = new DefaultDepartureBoard().init({
      uuid: "db-1",
      owner: "ferry terminal",
      departures: [
        { vessel: "Puffin", destination: "Skerry", scheduledMinute: 600, delayMinutes: 0, gone: false },
        { vessel: "Razorbill", destination: "Far Holm", scheduledMinute: 610, delayMinutes: 0, gone: false },
      ],
    });
  });

  it("reorders when a departure is delayed", () => {
    board.delay("Puffin", 20);
    const [first, second] = board.rows(0, 5);
    expect(first.title).toBe("Razorbill to Far Holm");
    expect(second).toEqual({ time: "10:00", title: "Puffin to Skerry", remark: "expected 10:20" });
  });

  it("drops what has gone and measures punctuality", () => {
    expect(board.depart("Puffin", 604)).toBe(4);
    board.depart("Razorbill", 640);
    expect(board.rows(0, 5)).toEqual([]);
    expect(board.punctuality(5)).toBe(0.5);
  });

  it("announces a vessel again only after it has gone", () => {
    const again = { vessel: "Puffin", destination: "Skerry", scheduledMinute: 900, delayMinutes: 0, gone: false };
    expect(() => board.announce(again)).toThrow(/already on the board/);
    board.depart("Puffin", 600);
    board.announce(again);
    expect(board.rows(700, 5)).toHaveLength(1);
  });

  it("cuts long names to the column", () => {
    const cli = new DepartureBoardCLI().start(board.toScenario());
    expect(cli.show("605")).toBe("10:10 Razorbill to Far H~ on time");
    expect(cli.show("1000")).toBe("no departures");
  });
});

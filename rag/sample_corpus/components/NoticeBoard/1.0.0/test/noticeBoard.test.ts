import { beforeEach, describe, expect, it } from "vitest";
import { DefaultNoticeBoard } from "../src/ts/layer2/DefaultNoticeBoard.js";
import { NoticeDispatcher } from "../src/ts/layer4/NoticeDispatcher.js";

describe("NoticeBoard", () => {
  let board: DefaultNoticeBoard;

  beforeEach(() => {
    board = new DefaultNoticeBoard().init({ uuid: "n-1", owner: "harbour-office", lastId: 0, notices: [] });
    board.post("Dredger at the east quay", "routine", 0, 600);
    board.post("Unlit wreck in the fairway", "danger", 5, 60);
  });

  it("shows danger before routine", () => {
    expect(board.active(10).map((notice) => notice.priority)).toEqual(["danger", "routine"]);
  });

  it("hides what has expired", () => {
    expect(board.active(65)).toHaveLength(1);
  });

  it("keeps an unacknowledged danger through a sweep", () => {
    expect(board.sweep(1000)).toBe(1);
    board.acknowledge(2, "Kittiwake");
    expect(board.sweep(1000)).toBe(1);
  });

  it("tells listeners until they unsubscribe", () => {
    const heard: string[] = [];
    const leave = board.subscribe((notice) => heard.push(notice.text));
    board.post("Fog", "urgent", 20, 30);
    leave();
    board.post("Fog lifted", "routine", 50, 30);
    expect(heard).toEqual(["Fog"]);
  });

  it("acknowledges only delivered notices", async () => {
    const dispatcher = new NoticeDispatcher().via(async (_address, text) => text.startsWith("[danger]"));
    const failed = await dispatcher.deliver(board, "Dunlin", 10);
    expect(failed.map((notice) => notice.id)).toEqual([1]);
    expect(board.unreadFor("Dunlin", 10)).toHaveLength(1);
  });
});

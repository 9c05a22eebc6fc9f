import type { Notice, NoticeBoard } from "../layer3/NoticeBoard.interface.js";

export type NoticeTransport = (address: string, text: string) => Promise<boolean>;

/** Sends a reader's unread notices one by one and acknowledges only what arrived. */
export class NoticeDispatcher {
  private transport: NoticeTransport = async () => false;

  via(transport: NoticeTransport): this {
    this.transport = transport;
    return this;
  }

  async deliver(board: NoticeBoard, reader: string, now: number): Promise<Notice[]> {
    const failed: Notice[] = [];
    for (const notice of board.unreadFor(reader, now)) {
      if (await this.transport(reader, `[${notice.priority}] ${notice.text}`)) {
        board.acknowledge(notice.id, reader);
      } else {
        failed.push(notice);
      }
    }
    return failed;
  }
}

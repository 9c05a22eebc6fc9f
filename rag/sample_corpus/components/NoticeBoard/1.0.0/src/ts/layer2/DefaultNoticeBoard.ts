import type {
  Notice,
  NoticeBoard,
  NoticeBoardScenario,
  NoticeListener,
  NoticePriority,
} from "../layer3/NoticeBoard.interface.js";

/** Posts notices to mariners, most dangerous first, until they expire. */
export class DefaultNoticeBoard implements NoticeBoard {
  private static readonly RANK: Record<NoticePriority, number> = { danger: 0, urgent: 1, routine: 2 };
  private state: NoticeBoardScenario = { uuid: "", owner: "", lastId: 0, notices: [] };
  private readonly listeners = new Set<NoticeListener>();

  constructor() {}

  init(scenario: NoticeBoardScenario): this {
    this.state = structuredClone(scenario);
    return this;
  }

  toScenario(): NoticeBoardScenario {
    return structuredClone(this.state);
  }

  post(text: string, priority: NoticePriority, postedAt: number, lifetimeMinutes: number): Notice {
    this.state.lastId += 1;
    const notice: Notice = {
      id: this.state.lastId,
      text,
      priority,
      postedAt,
      expiresAt: postedAt + lifetimeMinutes,
      acknowledgedBy: [],
    };
    this.state.notices.push(notice);
    this.listeners.forEach((listener) => listener(notice));
    return notice;
  }

  active(now: number): Notice[] {
    const rank = DefaultNoticeBoard.RANK;
    return this.state.notices
      .filter((notice) => notice.postedAt <= now && now < notice.expiresAt)
      .sort((a, b) => rank[a.priority] - rank[b.priority] || b.postedAt - a.postedAt);
  }

  acknowledge(id: number, reader: string): void {
    const notice = this.state.notices.find((candidate) => candidate.id === id);
    if (!notice) {
      throw new Error(`notice ${id} is not on the board`);
    }
    if (!notice.acknowledgedBy.includes(reader)) {
      notice.acknowledgedBy.push(reader);
    }
  }

  unreadFor(reader: string, now: number): Notice[] {
    return this.active(now).filter((notice) => !notice.acknowledgedBy.includes(reader));
  }

  subscribe(listener: NoticeListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Removes expired notices, but a danger stays until somebody has acknowledged it. */
  sweep(now: number): number {
    const before = this.state.notices.length;
    this.state.notices = this.state.notices.filter(
      (notice) =>
        now < notice.expiresAt || (notice.priority === "danger" && notice.acknowledgedBy.length === 0),
    );
    return before - this.state.notices.length;
  }
}

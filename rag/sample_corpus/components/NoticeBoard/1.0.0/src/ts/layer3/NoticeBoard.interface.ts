export type NoticePriority = "routine" | "urgent" | "danger";

export interface Notice {
  id: number;
  text: string;
  priority: NoticePriority;
  postedAt: number;
  expiresAt: number;
  acknowledgedBy: string[];
}

export interface NoticeBoardScenario {
  uuid: string;
  owner: string;
  lastId: number;
  notices: Notice[];
}

export type NoticeListener = (notice: Readonly<Notice>) => void;

export interface NoticeBoard {
  init(scenario: NoticeBoardScenario): this;
  toScenario(): NoticeBoardScenario;
  post(text: string, priority: NoticePriority, postedAt: number, lifetimeMinutes: number): Notice;
  active(now: number): Notice[];
  acknowledge(id: number, reader: string): void;
  unreadFor(reader: string, now: number): Notice[];
  subscribe(listener: NoticeListener): () => void;
  sweep(now: number): number;
}

import type { RadioCall, RadioLog, RadioLogScenario } from "../layer3/RadioLog.interface.js";

/** Transcript of the harbour channels, searchable by word and by station. */
export class DefaultRadioLog implements RadioLog {
  private uuid: string;
  private owner: string;
  private calls: RadioCall[];
  private index: Map<string, Set<RadioCall>>;

  constructor(owner: string = "traffic") {
    this.uuid = `radio-${owner}`;
    this.owner = owner;
    this.calls = [];
    this.index = new Map();
  }

  init(scenario: RadioLogScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.calls = [];
    this.index.clear();
    scenario.calls.forEach((call) => this.record(call));
    return this;
  }

  toScenario(): RadioLogScenario {
    return { uuid: this.uuid, owner: this.owner, calls: this.calls.map((call) => ({ ...call })) };
  }

  record(call: RadioCall): void {
    const entry = { ...call };
    this.calls.push(entry);
    for (const word of this.words(call.text)) {
      const hits = this.index.get(word) ?? new Set<RadioCall>();
      hits.add(entry);
      this.index.set(word, hits);
    }
  }

  conversation(a: string, b: string): RadioCall[] {
    return this.calls.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a));
  }

  unanswered(withinMinutes: number): RadioCall[] {
    return this.calls.filter(
      (call) =>
        !this.calls.some(
          (reply) =>
            reply.from === call.to &&
            reply.to === call.from &&
            reply.minute >= call.minute &&
            reply.minute - call.minute <= withinMinutes,
        ) && !this.isReply(call, withinMinutes),
    );
  }

  busiestChannel(): number | undefined {
    const counts = new Map<number, number>();
    for (const { channel } of this.calls) {
      counts.set(channel, (counts.get(channel) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  search(words: string): RadioCall[] {
    const sets = this.words(words).map((word) => this.index.get(word) ?? new Set<RadioCall>());
    return this.calls.filter((call) => sets.length > 0 && sets.every((set) => set.has(call)));
  }

  private isReply(call: RadioCall, withinMinutes: number): boolean {
    return this.calls.some(
      (earlier) =>
        earlier !== call &&
        earlier.from === call.to &&
        earlier.to === call.from &&
        earlier.minute <= call.minute &&
        call.minute - earlier.minute <= withinMinutes,
    );
  }

  private words(text: string): string[] {
    return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  }
}

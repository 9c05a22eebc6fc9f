import type { CraneJob, CraneQueue, CraneQueueScenario } from "../layer3/CraneQueue.interface.js";

/** Binary heap of lifts: most urgent first, then the one that waited longest. */
export class DefaultCraneQueue<Job extends CraneJob = CraneJob> implements CraneQueue<Job> {
  private uuid = "";
  private owner = "";
  private capacityTonnes = Number.POSITIVE_INFINITY;
  private heap: Job[] = [];

  constructor() {}

  get size(): number {
    return this.heap.length;
  }

  init(scenario: CraneQueueScenario<Job>): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.capacityTonnes = scenario.capacityTonnes;
    this.heap = [];
    scenario.jobs.forEach((job) => this.push(job));
    return this;
  }

  toScenario(): CraneQueueScenario<Job> {
    const jobs = this.heap.map((job) => ({ ...job }));
    return { uuid: this.uuid, owner: this.owner, capacityTonnes: this.capacityTonnes, jobs };
  }

  push(job: Job): void {
    if (job.tonnes > this.capacityTonnes) {
      throw new RangeError(`${job.id} weighs ${job.tonnes} t, the crane lifts ${this.capacityTonnes} t`);
    }
    this.heap.push({ ...job });
    this.siftUp(this.heap.length - 1);
  }

  peek(): Job | undefined {
    return this.heap[0];
  }

  pop(): Job | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (this.heap.length > 0 && last) {
      this.heap[0] = last;
      this.siftDown(0);
    }
    return top;
  }

  raise(id: string, urgency: number): boolean {
    const index = this.heap.findIndex((job) => job.id === id);
    if (index < 0 || this.heap[index].urgency >= urgency) {
      return false;
    }
    this.heap[index].urgency = urgency;
    this.siftUp(index);
    return true;
  }

  *drain(): Generator<Job> {
    for (let job = this.pop(); job !== undefined; job = this.pop()) {
      yield job;
    }
  }

  private before(a: Job, b: Job): boolean {
    return a.urgency === b.urgency ? a.queuedAt < b.queuedAt : a.urgency > b.urgency;
  }

  private siftUp(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(this.heap[index], this.heap[parent])) {
        return;
      }
      this.swap(index, parent);
      index = parent;
    }
  }

  private siftDown(index: number): void {
    for (;;) {
      let best = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.heap.length && this.before(this.heap[child], this.heap[best])) {
          best = child;
        }
      }
      if (best === index) {
        return;
      }
      this.swap(index, best);
      index = best;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b], this.heap[a]];
  }
}

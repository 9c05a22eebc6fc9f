export interface CraneJob {
  id: string;
  tonnes: number;
  urgency: number;
  queuedAt: number;
}

export interface CraneQueueScenario<Job extends CraneJob> {
  uuid: string;
  owner: string;
  capacityTonnes: number;
  jobs: Job[];
}

export interface CraneQueue<Job extends CraneJob> {
  readonly size: number;
  init(scenario: CraneQueueScenario<Job>): this;
  toScenario(): CraneQueueScenario<Job>;
  push(job: Job): void;
  peek(): Job | undefined;
  pop(): Job | undefined;
  raise(id: string, urgency: number): boolean;
  drain(): Generator<Job>;
}

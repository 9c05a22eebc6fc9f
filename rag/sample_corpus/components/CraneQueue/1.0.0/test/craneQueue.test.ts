import { describe, expect, it } from "vitest";
import { DefaultCraneQueue } from "../src/ts/layer2/DefaultCraneQueue.js";
import type { CraneJob } from "../src/ts/layer3/CraneQueue.interface.js";

interface ContainerJob extends CraneJob {
  containerNumber: string;
}

describe("CraneQueue", () => {
  const job = (id: string, urgency: number, queuedAt: number): ContainerJob => ({
    id,
    tonnes: 20,
    urgency,
    queuedAt,
    containerNumber: `TWDU${id}`,
  });
  const queueOf = (...jobs: ContainerJob[]) =>
    new DefaultCraneQueue<ContainerJob>().init({ uuid: "q-1", owner: "terminal", capacityTonnes: 40, jobs });

  it("serves urgency first and then waiting time", () => {
    const queue = queueOf(job("a", 1, 10), job("b", 5, 30), job("c", 1, 5), job("d", 5, 20));
    expect([...queue.drain()].map((lift) => lift.id)).toEqual(["d", "b", "c", "a"]);
    expect(queue.size).toBe(0);
  });

  it("moves a raised job to the front", () => {
    const queue = queueOf(job("a", 3, 1), job("b", 1, 2), job("c", 2, 3));
    expect(queue.raise("b", 9)).toBe(true);
    expect(queue.raise("c", 1)).toBe(false);
    expect(queue.peek()?.containerNumber).toBe("TWDUb");
  });

  it("refuses a lift beyond the crane", () => {
    expect(() => queueOf().push({ ...job("x", 1, 1), tonnes: 41 })).toThrow(/lifts 40 t/);
  });

  it("keeps its order through a scenario", () => {
    const queue = queueOf(job("a", 1, 1), job("b", 2, 2), job("c", 3, 3));
    const woken = new DefaultCraneQueue<ContainerJob>().init(queue.toScenario());
    expect([...woken.drain()].map((lift) => lift.id)).toEqual(["c", "b", "a"]);
  });

  it("pops nothing from an empty queue", () => {
    expect(queueOf().pop()).toBeUndefined();
  });
});

import type { QuayMap, QuayMapScenario, QuayRoad, QuayRoute } from "../layer3/QuayMap.interface.js";

/** The quay as a weighted graph; heavy loads avoid weak roads and closed places. */
export class DefaultQuayMap implements QuayMap {
  #uuid = "";
  #owner = "";
  #roads: QuayRoad[] = [];
  #closed = new Set<string>();
  #neighbours = new Map<string, QuayRoad[]>();

  constructor() {}

  init(scenario: QuayMapScenario): this {
    this.#uuid = scenario.uuid;
    this.#owner = scenario.owner;
    this.#roads = scenario.roads.map((road) => ({ ...road }));
    this.#closed = new Set(scenario.closed);
    this.#neighbours = new Map();
    for (const road of this.#roads) {
      this.#connect(road);
      this.#connect({ ...road, from: road.to, to: road.from });
    }
    return this;
  }

  toScenario(): QuayMapScenario {
    return { uuid: this.#uuid, owner: this.#owner, roads: this.#roads.map((r) => ({ ...r })), closed: [...this.#closed] };
  }

  /** Dijkstra's shortest path; undefined when no open road carries the load. */
  route(from: string, to: string, tonnes = 0): QuayRoute | undefined {
    const distance = new Map<string, number>([[from, 0]]);
    const previous = new Map<string, string>();
    const settled = new Set<string>();
    for (let place = this.#nearest(distance, settled); place !== undefined; place = this.#nearest(distance, settled)) {
      if (place === to) {
        return { stops: this.#trace(previous, to), metres: distance.get(to)! };
      }
      settled.add(place);
      for (const road of this.#neighbours.get(place) ?? []) {
        const metres = distance.get(place)! + road.metres;
        const passable = road.maxTonnes >= tonnes && !this.#closed.has(road.to);
        if (passable && metres < (distance.get(road.to) ?? Number.POSITIVE_INFINITY)) {
          distance.set(road.to, metres);
          previous.set(road.to, place);
        }
      }
    }
    return undefined;
  }

  close(place: string): void {
    this.#closed.add(place);
  }

  reopen(place: string): void {
    this.#closed.delete(place);
  }

  reachable(from: string): Set<string> {
    const found = new Set<string>([from]);
    for (const place of found) {
      for (const { to } of this.#neighbours.get(place) ?? []) {
        if (!this.#closed.has(to)) {
          found.add(to);
        }
      }
    }
    return found;
  }

  #connect(road: QuayRoad): void {
    const roads = this.#neighbours.get(road.from) ?? [];
    roads.push(road);
    this.#neighbours.set(road.from, roads);
  }

  #nearest(distance: Map<string, number>, settled: Set<string>): string | undefined {
    let best: string | undefined;
    for (const [place, metres] of distance) {
      if (!settled.has(place) && (best === undefined || metres < distance.get(best)!)) {
        best = place;
      }
    }
    return best;
  }

  #trace(previous: Map<string, string>, to: string): string[] {
    const stops = [to];
    for (let place = previous.get(to); place !== undefined; place = previous.get(place)) {
      stops.unshift(place);
    }
    return stops;
  }
}

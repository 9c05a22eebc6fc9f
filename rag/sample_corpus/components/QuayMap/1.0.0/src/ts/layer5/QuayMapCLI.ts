import { DefaultQuayMap } from "../layer2/DefaultQuayMap.js";
import type { QuayMapScenario } from "../layer3/QuayMap.interface.js";

export class QuayMapCLI {
  private readonly map = new DefaultQuayMap();

  start(scenario: QuayMapScenario): this {
    this.map.init(scenario);
    return this;
  }

  directions(from: string, to: string, tonnes = "0"): string {
    const route = this.map.route(from, to, Number(tonnes));
    return route ? `${route.stops.join(" > ")} (${route.metres} m)` : `no road from ${from} to ${to} for ${tonnes} t`;
  }
}

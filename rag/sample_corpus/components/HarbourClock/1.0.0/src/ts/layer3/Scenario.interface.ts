/** Serialisable state of one component instance, addressed by its identity. */
export interface Scenario<Model> {
  ior: { uuid: string; component: string; version: string };
  owner: string;
  model: Model;
}

/** Every Web4 component of Tidewater hibernates to and wakes from a scenario. */
export interface ScenarioHolder<Model> {
  init(scenario: Scenario<Model>): this;
  toScenario(): Scenario<Model>;
}

export interface VesselEntry {
  imo: string;
  name: string;
  callSign: string;
  flag: string;
  lengthMetres: number;
}

export interface VesselRegistryScenario {
  uuid: string;
  owner: string;
  vessels: VesselEntry[];
}

export interface VesselRegistry {
  init(scenario: VesselRegistryScenario): this;
  toScenario(): VesselRegistryScenario;
  register(entry: VesselEntry): void;
  findByCallSign(callSign: string): VesselEntry | undefined;
  rename(imo: string, name: string): VesselEntry;
  search(text: string): VesselEntry[];
  countByFlag(): Map<string, number>;
}

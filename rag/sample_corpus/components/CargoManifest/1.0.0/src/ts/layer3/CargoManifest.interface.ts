export type HazardClass = "none" | "flammable" | "oxidiser" | "corrosive";

export interface CargoItem {
  container: string;
  consignee: string;
  kilograms: number;
  hazard: HazardClass;
  bay: number;
}

export interface CargoManifestScenario {
  uuid: string;
  owner: string;
  voyage: string;
  items: CargoItem[];
}

export interface CargoManifest {
  init(scenario: CargoManifestScenario): this;
  toScenario(): CargoManifestScenario;
  load(item: CargoItem): this;
  totalKilograms(): number;
  byConsignee(): Map<string, CargoItem[]>;
  segregationConflicts(): Array<[string, string]>;
  heaviestBay(): number | undefined;
}

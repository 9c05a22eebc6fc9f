export interface FuelBatch {
  delivery: string;
  litres: number;
  centsPerLitre: number;
}

export interface FuelDepotScenario {
  uuid: string;
  owner: string;
  reorderLitres: number;
  batches: FuelBatch[];
  reserved: Record<string, number>;
}

export interface FuelDepot {
  init(scenario: FuelDepotScenario): this;
  toScenario(): FuelDepotScenario;
  deliver(batch: FuelBatch): void;
  reserve(vessel: string, litres: number): void;
  bunker(vessel: string): { litres: number; cents: number; from: string[] };
  free(): number;
  needsDelivery(): boolean;
}

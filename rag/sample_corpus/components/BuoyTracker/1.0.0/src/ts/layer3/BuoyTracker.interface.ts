export interface Fix {
  minute: number;
  eastMetres: number;
  northMetres: number;
}

export interface BuoyState {
  id: string;
  radiusMetres: number;
  smoothed: Fix | null;
  outsideSince: number | null;
}

export interface BuoyTrackerScenario {
  uuid: string;
  owner: string;
  smoothing: number;
  buoys: BuoyState[];
}

export interface BuoyTracker {
  init(scenario: BuoyTrackerScenario): this;
  toScenario(): BuoyTrackerScenario;
  moor(id: string, radiusMetres: number): void;
  report(id: string, fix: Fix): number;
  drifting(now: number, toleranceMinutes: number): string[];
  silentSince(now: number, minutes: number): string[];
}

export type PermitKind = "diving" | "hot-work" | "night-arrival" | "fireworks";
export type PermitStatus = "requested" | "granted" | "refused" | "expired";

export interface Permit {
  id: string;
  kind: PermitKind;
  applicant: string;
  status: PermitStatus;
  validUntil: number;
  remarks: string[];
}

export interface Authority {
  readonly name: string;
  decide(permit: Readonly<Permit>): Promise<{ agreed: boolean; remark: string }>;
}

export interface PermitOfficeScenario {
  uuid: string;
  owner: string;
  permits: Permit[];
}

export interface PermitOffice {
  init(scenario: PermitOfficeScenario): this;
  toScenario(): PermitOfficeScenario;
  consult(kind: PermitKind, ...authorities: Authority[]): this;
  request(kind: PermitKind, applicant: string, validUntil: number): Permit;
  process(id: string): Promise<PermitStatus>;
  holds(applicant: string, kind: PermitKind, now: number): boolean;
}

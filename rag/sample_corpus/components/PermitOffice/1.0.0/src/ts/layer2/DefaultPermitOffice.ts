import type {
  Authority,
  Permit,
  PermitKind,
  PermitOffice,
  PermitOfficeScenario,
  PermitStatus,
} from "../layer3/PermitOffice.interface.js";

/** Grants a permit when every authority asked in parallel agrees; an unreachable one refuses. */
export class DefaultPermitOffice implements PermitOffice {
  private uuid = "";
  private owner = "";
  private permits = new Map<string, Permit>();
  private readonly authorities = new Map<PermitKind, Authority[]>();

  constructor() {}

  static empty(owner: string): DefaultPermitOffice {
    return new DefaultPermitOffice().init({ uuid: `permits-${owner}`, owner, permits: [] });
  }

  init(scenario: PermitOfficeScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.permits = new Map(scenario.permits.map((permit) => [permit.id, structuredClone(permit)]));
    return this;
  }

  toScenario(): PermitOfficeScenario {
    return { uuid: this.uuid, owner: this.owner, permits: structuredClone([...this.permits.values()]) };
  }

  consult(kind: PermitKind, ...authorities: Authority[]): this {
    this.authorities.set(kind, authorities);
    return this;
  }

  request(kind: PermitKind, applicant: string, validUntil: number): Permit {
    const id = `${kind}-${this.permits.size + 1}`;
    const permit: Permit = { id, kind, applicant, status: "requested", validUntil, remarks: [] };
    this.permits.set(id, permit);
    return structuredClone(permit);
  }

  async process(id: string): Promise<PermitStatus> {
    const permit = this.permits.get(id);
    if (!permit || permit.status !== "requested") {
      throw new Error(`${id} is not waiting for a decision`);
    }
    const authorities = this.authorities.get(permit.kind) ?? [];
    const answers = await Promise.allSettled(authorities.map((authority) => authority.decide(permit)));
    let agreed = authorities.length > 0;
    answers.forEach((answer, index) => {
      const name = authorities[index].name;
      if (answer.status === "rejected") {
        agreed = false;
        permit.remarks.push(`${name}: not reachable`);
      } else {
        agreed &&= answer.value.agreed;
        permit.remarks.push(`${name}: ${answer.value.remark}`);
      }
    });
    permit.status = agreed ? "granted" : "refused";
    return permit.status;
  }

  holds(applicant: string, kind: PermitKind, now: number): boolean {
    this.expire(now);
    return [...this.permits.values()].some(
      (permit) => permit.applicant === applicant && permit.kind === kind && permit.status === "granted",
    );
  }

  private expire(now: number): void {
    for (const permit of this.permits.values()) {
      if (permit.status === "granted" && permit.validUntil < now) {
        permit.status = "expired";
      }
    }
  }
}

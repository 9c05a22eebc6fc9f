import type { BallastPlan, BallastPlanScenario, BallastTank, PumpOrder } from "../layer3/BallastPlan.interface.js";

/** Reaches a wanted trimming moment with as little pumped water as possible. */
export class DefaultBallastPlan implements BallastPlan {
  private static readonly TOLERANCE = 1e-9;
  private uuid = "";
  private owner = "";
  private tanks: BallastTank[] = [];

  constructor() {}

  init(scenario: BallastPlanScenario): this {
    const overfull = scenario.tanks.find((tank) => tank.contentTonnes > tank.capacityTonnes);
    if (overfull) {
      throw new RangeError(`tank ${overfull.id} holds more than its capacity`);
    }
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.tanks = scenario.tanks.map((tank) => ({ ...tank }));
    return this;
  }

  toScenario(): BallastPlanScenario {
    return { uuid: this.uuid, owner: this.owner, tanks: this.tanks.map((tank) => ({ ...tank })) };
  }

  moment(): number {
    return this.tanks.reduce((sum, tank) => sum + tank.leverMetres * tank.contentTonnes, 0);
  }

  /** The longest lever moves the most moment per tonne, so it is used up first. */
  trimTo(targetMoment: number): PumpOrder[] {
    let missing = targetMoment - this.moment();
    const orders: PumpOrder[] = [];
    const byLever = [...this.tanks].sort((a, b) => Math.abs(b.leverMetres) - Math.abs(a.leverMetres));
    for (const tank of byLever) {
      if (Math.abs(missing) <= DefaultBallastPlan.TOLERANCE || tank.leverMetres === 0) {
        continue;
      }
      const wanted = missing / tank.leverMetres;
      const tonnes = Math.min(tank.capacityTonnes - tank.contentTonnes, Math.max(-tank.contentTonnes, wanted));
      if (Math.abs(tonnes) > DefaultBallastPlan.TOLERANCE) {
        orders.push({ tank: tank.id, tonnes });
        missing -= tonnes * tank.leverMetres;
      }
    }
    if (Math.abs(missing) > 0.001) {
      throw new Error(`tanks cannot reach the moment, ${missing.toFixed(1)} tm are missing`);
    }
    return orders;
  }

  apply(orders: PumpOrder[]): void {
    for (const { tank: id, tonnes } of orders) {
      const tank = this.tanks.find((candidate) => candidate.id === id);
      if (!tank || tank.contentTonnes + tonnes < 0 || tank.contentTonnes + tonnes > tank.capacityTonnes) {
        throw new RangeError(`cannot pump ${tonnes} t into ${id}`);
      }
      tank.contentTonnes += tonnes;
    }
  }

  pumpMinutes(orders: PumpOrder[], tonnesPerMinute: number): number {
    const water = orders.reduce((sum, order) => sum + Math.abs(order.tonnes), 0);
    return Math.ceil(water / tonnesPerMinute);
  }
}

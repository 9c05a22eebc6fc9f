import { DefaultHarbourMaster, type HarbourServices } from "../layer2/DefaultHarbourMaster.js";
import { ClearanceController } from "../layer4/ClearanceController.js";

export class HarbourMasterCLI {
  private readonly master = new DefaultHarbourMaster();
  private readonly controller = new ClearanceController();

  start(services: HarbourServices): this {
    this.master.employ(services);
    return this;
  }

  async arrive(vessel: string, length: string, draught: string, miles: string, knots: string): Promise<string> {
    const [lengthMetres, draughtMetres, milesToGo, reportedKnots] = [length, draught, miles, knots].map(Number);
    const request = { vessel, lengthMetres, draughtMetres, milesToGo, reportedKnots, earliestMinute: 0, durationMinutes: 720 };
    return this.controller.submit(this.master, request, 0);
  }
}

import { DefaultTugDispatcher } from "../layer2/DefaultTugDispatcher.js";
import type { TugDispatcherScenario } from "../layer3/TugDispatcher.interface.js";

export class TugDispatcherCLI {
  private readonly dispatcher = new DefaultTugDispatcher();

  start(scenario: TugDispatcherScenario): this {
    this.dispatcher.init(scenario);
    return this;
  }

  assist(vessel: string, latitude: number, longitude: number, displacement: number, wind: number): string {
    const pull = this.dispatcher.requiredPull(displacement, wind);
    const team = this.dispatcher.dispatch(vessel, { latitude, longitude }, pull);
    return `${vessel}: ${team.map((tug) => tug.name).join(" + ")} for ${pull} t`;
  }
}

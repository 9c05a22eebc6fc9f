import { DefaultHarbourClock } from "../layer2/DefaultHarbourClock.js";

export class HarbourClockCLI {
  private readonly clock = new DefaultHarbourClock();

  static start(args: string[]): string {
    return new HarbourClockCLI().execute(args);
  }

  execute(args: string[]): string {
    switch (args[0]) {
      case "time":
        return this.clock.localTime();
      case "slot":
        return `slot ${this.clock.currentSlot()}`;
      case "bells":
        return "ding ".repeat(this.clock.bells()).trim();
      default:
        return "usage: harbourclock time | slot | bells";
    }
  }
}

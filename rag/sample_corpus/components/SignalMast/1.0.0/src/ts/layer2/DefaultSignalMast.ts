import { SignalDevice } from "../../../../../AlarmBell/1.0.0/src/ts/layer2/SignalDevice.js";
import type { SignalMast, SignalMastScenario } from "../layer3/SignalMast.interface.js";

/** Spells messages in flags; a repeated letter hoists a substitute flag. */
export class DefaultSignalMast extends SignalDevice implements SignalMast {
  private static readonly WORDS = [
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Kauri", "Larch", "Maple",
    "Nettle", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Teak", "Ulex", "Vine", "Willow", "Xyris", "Yew", "Zelkova",
  ];
  private uuid = "";
  private owner = "";
  private flags: string[] = [];

  constructor() {
    super();
  }

  static forPort(owner: string): DefaultSignalMast {
    return new DefaultSignalMast().init({ uuid: `mast-${owner}`, owner, hoisted: [] });
  }

  init(scenario: SignalMastScenario): this {
    this.uuid = scenario.uuid;
    this.owner = scenario.owner;
    this.flags = [...scenario.hoisted];
    return this;
  }

  toScenario(): SignalMastScenario {
    return { uuid: this.uuid, owner: this.owner, hoisted: [...this.flags] };
  }

  hoist(message: string): string[] {
    const letters = message.toUpperCase().replace(/[^A-Z]/g, "");
    if (letters.length === 0) {
      throw new Error("a hoist needs at least one letter");
    }
    this.flags = [];
    for (const letter of letters) {
      const first = letters.indexOf(letter);
      const position = this.flags.length;
      this.flags.push(first < position ? `Substitute-${first + 1}` : DefaultSignalMast.WORDS[letter.charCodeAt(0) - 65]);
    }
    this.switchOn();
    return [...this.flags];
  }

  lower(): void {
    this.flags = [];
    this.switchOff();
  }

  decode(flags: string[]): string {
    return flags
      .map((flag) => {
        const substitute = /^Substitute-(\d+)$/.exec(flag);
        const word = substitute ? flags[Number(substitute[1]) - 1] : flag;
        if (!DefaultSignalMast.WORDS.includes(word)) {
          throw new Error(`unknown flag ${flag}`);
        }
        return word[0];
      })
      .join("");
  }

  pattern(): string {
    return this.flags.length === 0 ? "bare mast" : this.flags.join(" / ");
  }
}

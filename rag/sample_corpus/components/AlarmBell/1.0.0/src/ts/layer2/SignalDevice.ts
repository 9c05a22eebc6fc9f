/** Anything on the pier that can be switched on and counts how often it was. */
export abstract class SignalDevice {
  private active = false;
  private activations = 0;

  constructor() {}

  get isActive(): boolean {
    return this.active;
  }

  get activationCount(): number {
    return this.activations;
  }

  protected switchOn(): void {
    if (!this.active) {
      this.activations += 1;
    }
    this.active = true;
  }

  protected switchOff(): void {
    this.active = false;
  }

  abstract pattern(): string;
}

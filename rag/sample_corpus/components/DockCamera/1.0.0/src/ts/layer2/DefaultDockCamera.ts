import type { DockCamera, DockCameraScenario, Frame, MotionEvent } from "../layer3/DockCamera.interface.js";

/** Detects motion on the dock by comparing each frame with the one before. */
export class DefaultDockCamera implements DockCamera {
  private owner = "";
  private sensitivity = 12;
  private previous: Frame | null = null;
  private frameNumber = 0;

  constructor(
    private readonly cameraId: string,
    private threshold: number,
  ) {}

  init(scenario: DockCameraScenario): this {
    this.owner = scenario.owner;
    this.threshold = scenario.threshold;
    this.sensitivity = scenario.sensitivity;
    this.previous = null;
    this.frameNumber = 0;
    return this;
  }

  toScenario(): DockCameraScenario {
    return { uuid: this.cameraId, owner: this.owner, threshold: this.threshold, sensitivity: this.sensitivity };
  }

  feed(frame: Frame): MotionEvent | null {
    this.frameNumber += 1;
    const before = this.previous;
    this.previous = frame;
    if (!before) {
      return null;
    }
    if (before.length !== frame.length) {
      throw new Error(`${this.cameraId} changed its resolution from ${before.length} to ${frame.length} pixels`);
    }
    const changed = frame.filter((pixel, index) => Math.abs(pixel - before[index]) > this.sensitivity).length;
    const changedShare = changed / frame.length;
    return changedShare >= this.threshold ? { frameNumber: this.frameNumber, changedShare } : null;
  }

  brightness(): number {
    if (!this.previous || this.previous.length === 0) {
      return 0;
    }
    return this.previous.reduce((sum, pixel) => sum + pixel, 0) / this.previous.length;
  }

  isDark(): boolean {
    return this.brightness() < 30;
  }
}

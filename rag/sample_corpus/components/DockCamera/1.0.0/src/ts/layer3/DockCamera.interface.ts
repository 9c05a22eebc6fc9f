export type Frame = ReadonlyArray<number>;

export interface DockCameraScenario {
  uuid: string;
  owner: string;
  threshold: number;
  sensitivity: number;
}

export interface MotionEvent {
  frameNumber: number;
  changedShare: number;
}

export interface DockCamera {
  init(scenario: DockCameraScenario): this;
  toScenario(): DockCameraScenario;
  feed(frame: Frame): MotionEvent | null;
  brightness(): number;
  isDark(): boolean;
}

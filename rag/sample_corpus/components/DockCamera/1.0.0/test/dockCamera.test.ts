import { describe, expect, it } from "vitest";
import { DefaultDockCamera } from "../src/ts/layer2/DefaultDockCamera.js";

describe("DockCamera", () => {
  it("sees nothing in the first frame", () => {
    expect(new DefaultDockCamera("cam-4", 0.2).feed([10, 10, 10, 10])).toBeNull();
  });

  it("reports the share of changed pixels", () => {
    const camera = new DefaultDockCamera("cam-4", 0.25);
    camera.feed([10, 10, 10, 10]);
    expect(camera.feed([10, 10, 90, 15])).toEqual({ frameNumber: 2, changedShare: 0.25 });
  });

  it("overlooks flicker below its sensitivity", () => {
    const camera = new DefaultDockCamera("cam-4", 0.25).init({ uuid: "cam-4", owner: "security", threshold: 0.25, sensitivity: 50 });
    camera.feed([100, 100]);
    expect(camera.feed([140, 60])).toBeNull();
  });

  it("complains about a changed resolution", () => {
    const camera = new DefaultDockCamera("cam-4", 0.5);
    camera.feed([1, 2, 3]);
    expect(() => camera.feed([1, 2])).toThrow("cam-4 changed its resolution from 3 to 2 pixels");
  });

  it("knows the night", () => {
    const camera = new DefaultDockCamera("cam-4", 0.5);
    camera.feed([5, 15, 25]);
    expect(camera.brightness()).toBe(15);
    expect(camera.isDark()).toBe(true);
  });
});

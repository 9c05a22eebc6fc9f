import { beforeEach, describe, expect, it } from "vitest";
import { DefaultShiftPlanner } from "../src/ts/layer2/DefaultShiftPlanner.js";

describe("ShiftPlanner", () => {
  let planner: DefaultShiftPlanner;

  beforeEach(() => {
    planner = new DefaultShiftPlanner().init({
      uuid: "s-1",
      owner: "quay",
      workers: [
        { name: "Ada", skills: ["crane", "lines"] },
        { name: "Ben", skills: ["lines"] },
        { name: "Cem", skills: ["lines"] },
        { name: "Dot", skills: ["lines"] },
      ],
      needs: [
        { shift: 1, skill: "lines", heads: 1 },
        { shift: 1, skill: "crane", heads: 1 },
        { shift: 2, skill: "lines", heads: 2 },
        { shift: 2, skill: "crane", heads: 1 },
      ],
    });
  });

  it("keeps the only crane driver for the crane", () => {
    expect(planner.plan().get("1:crane")).toEqual(["Ada"]);
  });

  it("gives nobody two shifts in a row", () => {
    const plan = planner.plan();
    expect(plan.get("2:lines")).not.toContain(plan.get("1:lines")![0]);
    expect(planner.loadOf("Ben") + planner.loadOf("Cem") + planner.loadOf("Dot")).toBe(3);
  });

  it("names the gap nobody can fill", () => {
    planner.plan();
    expect(planner.gaps()).toEqual([{ shift: 2, skill: "crane", heads: 1 }]);
  });

  it("swaps only with a rested and skilled colleague", () => {
    const [first] = planner.plan().get("1:lines")!;
    const [tired] = planner.plan().get("2:lines")!;
    expect(() => planner.swap(1, first, tired)).toThrow(/cannot take over lines/);
    expect(() => planner.swap(1, "Zoe", "Ada")).toThrow(/does not work shift 1/);
  });
});

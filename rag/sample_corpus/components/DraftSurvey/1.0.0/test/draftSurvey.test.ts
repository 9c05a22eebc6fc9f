import { describe, expect, it } from "vitest";
import { DefaultDraftSurvey } from "../src/ts/layer2/DefaultDraftSurvey.js";

describe("DraftSurvey", () => {
  const survey = () =>
    new DefaultDraftSurvey().init({
      uuid: "ds-1",
      owner: "surveyor",
      vessel: "Gannet",
      initial: null,
      table: [
        { draughtMetres: 6, displacementTonnes: 9_000 },
        { draughtMetres: 4, displacementTonnes: 5_000 },
        { draughtMetres: 5, displacementTonnes: 7_000 },
      ],
    });
  const even = (metres: number) => ({ forward: metres, midship: metres, aft: metres });

  it("weights the midship mark six times", () => {
    expect(survey().meanOfMeans({ forward: 4, midship: 5, aft: 6 })).toBe(5);
    expect(survey().meanOfMeans({ forward: 4, midship: 5, aft: 4 })).toBe(4.75);
  });

  it("interpolates in the table and at its edges", () => {
    expect(survey().displacement(4.5)).toBe(6_000);
    expect(survey().displacement(4)).toBe(5_000);
    expect(() => survey().displacement(3.9)).toThrow(RangeError);
    expect(() => survey().displacement(6.1)).toThrow(/outside the table of Gannet/);
  });

  it("weighs the cargo between two readings", () => {
    const running = survey();
    running.begin(even(4));
    expect(running.cargoMoved(even(5.5))).toBeCloseTo(3_000);
    expect(running.cargoMoved(even(5.5), 1.0)).toBeCloseTo(2_926.83, 1);
  });

  it("needs a first reading", () => {
    expect(() => survey().cargoMoved(even(5))).toThrow(/never read/);
  });

  it("sees how the hull bends", () => {
    expect(survey().deflection({ forward: 5, midship: 5.2, aft: 5 })).toBe("sagging");
    expect(survey().deflection({ forward: 5, midship: 4.8, aft: 5 })).toBe("hogging");
    expect(survey().deflection(even(5))).toBe("even");
  });
});

import { describe, expect, it } from "vitest";
import { DefaultWeatherWatch } from "../src/ts/layer2/DefaultWeatherWatch.js";
import type { WindReading, WindStation } from "../src/ts/layer3/WeatherWatch.interface.js";
import { WeatherWatchCLI } from "../src/ts/layer5/WeatherWatchCLI.js";

class FlakyStation implements WindStation {
  calls = 0;
  failures = 0;

  async read(): Promise<WindReading> {
    this.calls += 1;
    if (this.calls <= this.failures) {
      throw new Error("mast offline");
    }
    return { minute: this.calls, knots: 24, degrees: 270 };
  }
}

describe("WeatherWatch", () => {
  it("averages directions across north", () => {
    const watch = new DefaultWeatherWatch();
    watch.record({ minute: 0, knots: 12, degrees: 350 });
    watch.record({ minute: 1, knots: 12, degrees: 10 });
    expect(watch.meanDirection()).toBe(0);
  });

  it("warns of gusts far above the mean", () => {
    const watch = new DefaultWeatherWatch();
    [10, 12, 11, 30].forEach((knots, minute) => watch.record({ minute, knots, degrees: 180 }));
    expect(watch.gustWarning()).toBe(true);
    expect(watch.beaufort()).toBe(4);
  });

  it("tries again when the mast is offline", async () => {
    const station = new FlakyStation();
    station.failures = 2;
    await expect(new DefaultWeatherWatch().refresh(station, 3)).resolves.toMatchObject({ knots: 24 });
    station.failures = 99;
    await expect(new DefaultWeatherWatch().refresh(station, 2)).rejects.toThrow("mast offline");
  });

  it("forgets the oldest reading", () => {
    const watch = new DefaultWeatherWatch();
    for (let minute = 0; minute < 15; minute += 1) {
      watch.record({ minute, knots: minute, degrees: 0 });
    }
    const { readings } = watch.toScenario().model;
    expect(readings).toHaveLength(10);
    expect(readings[0].minute).toBe(5);
  });

  it("summarises a poll on the command line", async () => {
    expect(await new WeatherWatchCLI().poll(new FlakyStation(), 3)).toBe("force 6 from 270 degrees");
  });
});

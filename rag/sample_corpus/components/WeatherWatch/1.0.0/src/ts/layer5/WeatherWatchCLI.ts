import { DefaultWeatherWatch } from "../layer2/DefaultWeatherWatch.js";
import type { WindStation } from "../layer3/WeatherWatch.interface.js";

export class WeatherWatchCLI {
  private readonly watch = new DefaultWeatherWatch();

  async poll(station: WindStation, times: number): Promise<string> {
    for (let reading = 0; reading < times; reading += 1) {
      await this.watch.refresh(station, 3);
    }
    const warning = this.watch.gustWarning() ? ", GUSTS" : "";
    return `force ${this.watch.beaufort()} from ${this.watch.meanDirection()} degrees${warning}`;
  }
}

import { DefaultArrivalForecast } from "../layer2/DefaultArrivalForecast.js";
import type { ArrivalForecast } from "../layer3/ArrivalForecast.interface.js";

export class ArrivalForecastCLI {
  private forecast: ArrivalForecast = new DefaultArrivalForecast();

  use(forecast: ArrivalForecast): this {
    this.forecast = forecast;
    return this;
  }

  advise(vessel: string, miles: string, knots: string, draught: string): string {
    const approach = {
      vessel,
      milesToGo: Number(miles),
      reportedKnots: Number(knots),
      draughtMetres: Number(draught),
    };
    const entry = this.forecast.entryHour(approach, 0);
    const speed = this.forecast.recommendedKnots(approach, 0);
    return `${vessel}: enter in ${entry.toFixed(1)} h, proceed at ${speed.toFixed(1)} kn`;
  }
}

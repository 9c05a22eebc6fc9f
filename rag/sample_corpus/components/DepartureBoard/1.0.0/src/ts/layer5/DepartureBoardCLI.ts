import { DefaultDepartureBoard } from "../layer2/DefaultDepartureBoard.js";
import type { DepartureBoardScenario } from "../layer3/DepartureBoard.interface.js";
import { BoardPresenter } from "../layer4/BoardPresenter.js";

export class DepartureBoardCLI {
  private readonly board = new DefaultDepartureBoard();
  private readonly presenter = new BoardPresenter();

  start(scenario: DepartureBoardScenario): this {
    this.board.init(scenario);
    return this;
  }

  show(fromMinute: string): string {
    const lines = this.presenter.wide(25).present(this.board, Number(fromMinute));
    return lines.length === 0 ? "no departures" : lines.join("\n");
  }
}

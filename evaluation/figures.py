"""The gates of an evaluation as a Plotly figure; pure."""

from collections.abc import Sequence
from typing import Any

from evaluation.selectors import GateRow


def gates_figure(rows: Sequence[GateRow]) -> dict[str, Any]:
    """Each gate's rate with its 95 % interval, its threshold, and the rates of baseline and live, in percent."""
    titles = [row.title for row in rows]
    rates = {
        "type": "scatter",
        "mode": "markers",
        "name": "rate, 95 % interval",
        "x": [_percent(row.rate) for row in rows],
        "y": titles,
        "marker": {"size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_percent(row.high - row.rate) for row in rows],
            "arrayminus": [_percent(row.rate - row.low) for row in rows],
        },
    }
    traces = [rates, _marks("threshold", titles, [row.threshold for row in rows], "line-ns-open", 16)]
    for name, values, symbol in (
        ("baseline", [row.baseline for row in rows], "diamond-open"),
        ("live", [row.live for row in rows], "circle-open"),
    ):
        if any(value is not None for value in values):
            traces.append(_marks(name, titles, values, symbol, 10))
    layout = {
        "xaxis": {"title": {"text": "rate in %"}, "range": [-2, 102]},
        "yaxis": {"autorange": "reversed", "automargin": True},
        "legend": {"orientation": "h"},
    }
    return {"data": traces, "layout": layout}


def _marks(name: str, titles: list[str], values: Sequence[float | None], symbol: str, size: int) -> dict[str, Any]:
    x = [None if value is None else _percent(value) for value in values]
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": titles,
            "marker": {"symbol": symbol, "size": size}}  # fmt: skip


def _percent(rate: float) -> float:
    return round(100 * rate, 2)
